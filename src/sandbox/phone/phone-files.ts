import { HttpError } from "../http/http-error.ts";
import { failureName, type Logger } from "../logger.ts";
import type { MediaProxy } from "../partner/media-proxy.ts";
import type { CommitGroup } from "../state/commit-group.ts";
import { openMedia } from "../state/media-crypto.ts";
import type { MediaTables, PhoneFile } from "../state/media-tables.ts";
import type { Person } from "./person.ts";

/** Fetches the files of messages through the proxy: when the message comes, and when somebody opens a file that is missing. */
export function phoneFiles(media: MediaTables, proxy: MediaProxy, commits: CommitGroup, log: Logger) {
  const running = new Map<string, Promise<Uint8Array>>();

  async function fetchFile(person: Person, id: string, file: PhoneFile): Promise<Uint8Array> {
    if (file.url === null)
      throw new HttpError(502, "media-unreachable", "The message names no host for its file.");
    const opened = openMedia(file.kind, file, await proxy(person.row.network, file.url));
    if (typeof opened === "string")
      throw new HttpError(502, "media-corrupt", `The file is not as its message says: ${opened}.`);
    await commits.commit(() => media.fetched(person.id, id, opened));
    return opened;
  }

  async function open(
    person: Person,
    id: string,
  ): Promise<{ readonly bytes: Uint8Array; readonly mimetype: string }> {
    const file = media.file(person.id, id);
    if (file === undefined) throw new HttpError(404, "no-such-media", "This phone has no such media.");
    const { mimetype, plain } = file;
    if (plain !== null) return { bytes: plain, mimetype };
    const key = `${person.id} ${id}`;
    const fetching = running.get(key) ?? fetchFile(person, id, file).finally(() => running.delete(key));
    running.set(key, fetching);
    return { bytes: await fetching, mimetype };
  }

  return {
    open,
    /** Fetches the file of a message that has come; a failure is only logged. */
    prefetch(person: Person, id: string): void {
      open(person, id).catch((cause: unknown) =>
        log.info("a file was not fetched", { person: person.id, id, failure: failureName(cause) }),
      );
    },
  };
}
export type PhoneFiles = ReturnType<typeof phoneFiles>;
