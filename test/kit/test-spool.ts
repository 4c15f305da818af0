import { join } from "node:path";
import type { MediaTools } from "../../src/core/model/media.ts";
import { Spool } from "../../src/media/spool.ts";
import { temporaryFolder } from "./temporary-folder.ts";

/** A spool whose folder is deleted with the stack. */
export async function testSpool(stack: AsyncDisposableStack): Promise<Pick<MediaTools, "spool">> {
  const { path } = stack.use(temporaryFolder());
  const spool = stack.use(await Spool.open(join(path, "spool")));
  return { spool: (bytes, limit) => spool.take(bytes, limit) };
}
