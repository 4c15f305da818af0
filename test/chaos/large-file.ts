/** Hosts a large file, serves it and fetches it again, and prints by how many megabytes the process grew meanwhile. */

import { randomBytes } from "node:crypto";
import { join } from "node:path";
import type { LoginId, NetworkId, UserId } from "../../src/core/model/ids.ts";
import { startPartner } from "../../src/http/partner.ts";
import { openMediaTools } from "../../src/media/tools.ts";
import { writeMediaRef } from "../../src/networks/meta-interop/convert/media-ref.ts";
import { hostedFiles } from "../../src/networks/meta-interop/hosted-files.ts";
import { fetchMedia } from "../../src/networks/meta-interop/media/fetch-media.ts";
import { MediaHost } from "../../src/networks/meta-interop/media/media-host.ts";
import { whatsapp } from "../../src/networks/meta-interop/whatsapp.ts";
import { openStore } from "../../src/store/open.ts";

const nothing = (): void => undefined;
const log = { error: console.error, warn: console.error, info: nothing, debug: nothing };
const [folder = "", megabytes = "1"] = process.argv.slice(2);
const size = Number(megabytes) * 1024 * 1024;
const tools = await openMediaTools({ folder: join(folder, "spool"), searchPath: "", log });
const store = openStore({ path: ":memory:", log });
const clock = { now: () => Date.now(), after: () => nothing };
const host = new MediaHost({ folder: join(folder, "hosted"), keepDays: 1, publicUrl: "", store, clock, log });
const listen = { host: "127.0.0.1", port: 0 };
const partner = await startPartner({ listen, routes: [host.route], log });

async function* noise(): AsyncGenerator<Uint8Array> {
  const chunk = randomBytes(65_536);
  for (let at = 0; at < size; at += chunk.length) yield chunk;
}

const file = await tools.spool(noise(), size);
const base = process.memoryUsage().rss;
let peak = base;
const watch = setInterval(() => {
  peak = Math.max(peak, process.memoryUsage().rss);
}, 5);
const grown = (): number => {
  const megabytesMore = Math.round((peak - base) / 1_000_000);
  peak = base;
  return megabytesMore;
};

const id = randomBytes(32).toString("base64url");
const mediaKey = new Uint8Array(randomBytes(32));
const digests = await host.put(id, file, { mediaKey, use: "document" });
const hosting = grown();
const login = "l" as LoginId;
await store.write((tx) => {
  const who = { user: "@a:b" as UserId, network: "whatsapp" as NetworkId, visibleId: "a", account: "{}" };
  tx.logins.add({ id: login, ...who, state: "active", consentVersion: 1, consentAt: 1 });
  tx.family(hostedFiles).add({ id, login, size: digests.encryptedLength, at: clock.now() });
});
const ref = writeMediaRef({ directPath: `/${id}`, mimetype: "a/b", mediaKey, ...digests }, "document");
const granted = whatsapp.capabilities;
const fetched = await fetchMedia(
  { network: "W", mediaUrl: `${partner.url}/media`, granted, tools, clock },
  ref,
);
clearInterval(watch);
console.log(JSON.stringify({ hosting, servingAndFetching: grown(), whole: fetched.size === size }));
await partner[Symbol.asyncDispose]();
await store[Symbol.asyncDispose]();
