import { ContentHint } from "@signalapp/libsignal-client";
import { z } from "zod";
import type { ChatId } from "../../core/model/ids.ts";
import type { ServerAccess } from "./connection/server-access.ts";
import { ContactBook } from "./contacts/contact-book.ts";
import { readStoredGroups } from "./groups/stored-groups.ts";
import type { LoginContext } from "./login-context.ts";
import type { SignalFiles } from "./media/signal-files.ts";
import type { SignalServers } from "./servers.ts";
import { requestJson } from "./service/json-requests.ts";
import { NumberDirectory } from "./service/number-directory.ts";
import { USER_AGENT } from "./service/shared-net.ts";
import { StorageService } from "./service/storage-service.ts";
import { deliver } from "./session/deliver.ts";
import { encodeContent } from "./wire/encode-content.ts";
import { pad } from "./wire/padding.ts";

const credentials = z.object({ username: z.string(), password: z.string() });

interface ContactBookSources {
  readonly access: Pick<ServerAccess, "net">;
  readonly servers: Pick<SignalServers, "storage">;
  readonly files: Pick<SignalFiles, "dispatcher" | "open">;
  readonly stopping?: AbortSignal | undefined;
  /** Called for a chat that our person accepted elsewhere; it must not throw. */
  readonly accepted: (chat: ChatId) => void;
}

/** A login's contacts, over its connection and the storage service. */
export function openContactBook(
  context: LoginContext,
  { access, servers, files, stopping, accepted }: ContactBookSources,
): ContactBook {
  const { store, clock, own } = context;
  const storage = new StorageService({
    address: servers.storage,
    dispatcher: files.dispatcher,
    userAgent: USER_AGENT,
    credentials: async () => {
      const { authenticated } = await context.chat();
      return credentials.parse(await requestJson(authenticated, { verb: "GET", path: "/v1/storage/auth" }));
    },
    stopping,
  });
  return new ContactBook({
    context,
    storage,
    directory: new NumberDirectory({
      connection: async () => (await context.chat()).authenticated,
      enclave: () => access.net.net,
      stopping,
    }),
    accepted,
    readGroups: (...read) => readStoredGroups(context, ...read),
    fetch: (ref) => files.open(ref),
    async tell(sync) {
      await deliver(context, {
        to: own,
        plaintext: pad(encodeContent({ body: { kind: "sync", sync } })),
        timestamp: clock.now(),
        hint: ContentHint.Resendable,
        commit: (record) => store.write(record),
      });
    },
  });
}
