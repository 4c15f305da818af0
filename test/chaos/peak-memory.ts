import { createReadStream } from "node:fs";
import { join } from "node:path";
import type { MediaKind } from "../../src/core/model/media.ts";
import { openMediaTools } from "../../src/media/tools.ts";

/**
 * A process of its own that passes files through the tools, and prints by how many megabytes its peak grew, and
 * what was found. Arguments: a folder, a small image to get warm with, then kind and file, pair by pair.
 */
const [folder = "", warm = "", ...rest] = process.argv.slice(2);
const quiet = { error() {}, warn() {}, info() {}, debug() {} };
await using tools = await openMediaTools({
  folder: join(folder, "spool"),
  searchPath: process.env["PATH"] ?? "",
  log: quiet,
});

async function pass(path: string, kind: MediaKind): Promise<object> {
  await using file = await tools.spool(createReadStream(path), Infinity);
  const { thumbnail, ...found } = await tools.inspect(file, kind);
  let read = 0;
  for await (const chunk of file.read()) read += chunk.length;
  return { ...found, read, thumbnail: thumbnail !== undefined };
}

await pass(warm, "image");
const before = process.resourceUsage().maxRSS;
const found: object[] = [];
for (let at = 0; at < rest.length; at += 2) {
  found.push(await pass(rest[at + 1] ?? "", rest[at] as MediaKind));
}
const grown = (process.resourceUsage().maxRSS - before) / 1024;
console.log(JSON.stringify({ grown, found }));
