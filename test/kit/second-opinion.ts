import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

export interface ShownText {
  readonly sender: string;
  readonly body: string;
}

/** The texts that a new login of matrix-js-sdk shows in a room, in its order. */
export async function secondOpinion(
  homeserver: string,
  user: string,
  password: string,
  roomId: string,
): Promise<readonly ShownText[]> {
  const viewer = fileURLToPath(new URL("js-sdk-viewer.ts", import.meta.url));
  const args = [viewer, homeserver, user, password, roomId];
  const { stdout } = await promisify(execFile)(process.execPath, args, { maxBuffer: 1 << 26 });
  return JSON.parse(stdout) as ShownText[];
}
