import type { Db } from "./database.ts";
import type { MediaKind, SealedFile } from "./media-crypto.ts";

/** A file of a message that a phone got. */
export interface PhoneFile extends SealedFile {
  readonly kind: MediaKind;
  readonly mimetype: string;
  /** Where a third party hosts it. */
  readonly url: string | null;
  readonly integrator: number;
  readonly plain: Uint8Array | null;
}

type PhoneFileRow = Omit<PhoneFile, "fileLength" | "fileSha256" | "fileEncSha256" | "mediaKey"> & {
  readonly length: number;
  readonly sha256: Uint8Array;
  readonly enc_sha256: Uint8Array;
  readonly key: Uint8Array;
};

/** What the gatekeeper hosts for persons, and what phones got. Writes are to be called inside a commit. */
export function mediaTables(db: Db) {
  const host = db.prepare("INSERT INTO hosted_media (network, id, bytes) VALUES (?, ?, ?)");
  const hosted = db.prepare<[string, string], { bytes: Uint8Array }>(
    "SELECT bytes FROM hosted_media WHERE network = ? AND id = ?",
  );
  const keep = db.prepare(
    `INSERT OR REPLACE INTO phone_file (person, id, kind, mimetype, url, integrator, length, sha256, enc_sha256, key)
     VALUES (@person, @id, @kind, @mimetype, @url, @integrator, @fileLength, @fileSha256, @fileEncSha256, @mediaKey)`,
  );
  const file = db.prepare<[string, string], PhoneFileRow>(
    `SELECT kind, mimetype, url, integrator, length, sha256, enc_sha256, key, plain FROM phone_file
     WHERE person = ? AND id = ?`,
  );
  const fetched = db.prepare("UPDATE phone_file SET plain = ? WHERE person = ? AND id = ?");
  return {
    host: (network: string, id: string, bytes: Uint8Array): void => void host.run(network, id, bytes),
    hosted: (network: string, id: string): Uint8Array | undefined => hosted.get(network, id)?.bytes,
    keep: (person: string, id: string, of: Omit<PhoneFile, "plain">): void =>
      void keep.run({ ...of, person, id }),
    file(person: string, id: string): PhoneFile | undefined {
      const row = file.get(person, id);
      if (row === undefined) return undefined;
      const { length, sha256, enc_sha256, key, ...rest } = row;
      return { ...rest, fileLength: length, fileSha256: sha256, fileEncSha256: enc_sha256, mediaKey: key };
    },
    fetched: (person: string, id: string, plain: Uint8Array): void => void fetched.run(plain, person, id),
  };
}
export type MediaTables = ReturnType<typeof mediaTables>;
