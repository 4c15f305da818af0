import { expect, test } from "@jest/globals";
import type { UserId } from "../../src/core/model/ids.ts";
import { noMetrics } from "../../src/core/ports/metrics.ts";
import { Encryption } from "../../src/matrix/crypto/encryption.ts";
import { sealFile } from "../../src/matrix/crypto/file-cipher.ts";
import { encryptedFile } from "../../src/matrix/events/encrypted-file.ts";
import { ANA, BOT, Bridge, event, GHOST, ROOM } from "../kit/crypto-bridge.ts";
import { memoryFile } from "../kit/memory-file.ts";

test("an event that brings a file in the clear into an encrypted room is sent back, however the file got there", async () => {
  await using bridge = await new Bridge().start();
  using encryption = new Encryption({
    store: bridge.store,
    requests: bridge.server,
    bot: BOT,
    isOurs: (user: UserId) => user === BOT || user === GHOST,
    members: async () => [ANA, BOT, GHOST],
    isEncrypted: async () => false,
    trust: "any",
    isDefault: false,
    isRequired: false,
    metrics: noMetrics,
    clock: { now: () => 1, after: () => () => undefined },
  });
  const seals = (content: object) =>
    encryption.seal({ ...event("x"), content: { ...event("x").content, ...content } });
  const url = "mxc://x/y";
  const { key } = await sealFile(memoryFile(Buffer.from("png")));
  const file = encryptedFile(url, key);
  const preview = "com.beeper.linkpreviews";
  const clear = [
    { url },
    { file, info: { thumbnail_url: url } },
    { [preview]: [{ matched_url: "https://x.org" }, { "og:image": url }] },
  ];
  for (const content of clear) expect((await seals(content)).content).toMatchObject(content);
  await encryption.rooms.mark(ROOM);
  for (const content of clear)
    await expect(seals(content)).rejects.toMatchObject({ reason: "changed", certain: true, retryAfter: 0 });
  for (const content of [
    { file, info: { thumbnail_file: file } },
    { [preview]: [{ matched_url: "https://x.org", "beeper:image:encryption": file }] },
    // A new caption repeats the file, which is in the clear since it was sent.
    { url, "m.new_content": { url }, "m.relates_to": { rel_type: "m.replace", event_id: "$e" } },
  ])
    expect(await seals(content)).toMatchObject({ type: "m.room.encrypted" });
  expect((await seals({ url, "m.new_content": { url } })).content).not.toHaveProperty("url");
});
