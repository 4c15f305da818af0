import type { NetworkId } from "../../core/model/ids.ts";
import { parseCommand } from "../parse.ts";
import { bridge } from "./bridge.ts";

/**
 * Whether what somebody wrote in a room with others is for the bot. A sentence may begin with a command's name, so a
 * network must follow it, or nothing, unless it is written as commands are elsewhere (`!bridge`).
 */
export function isForRooms(text: string, networks: ReadonlyMap<NetworkId, unknown>): boolean {
  const { name, words } = parseCommand(text);
  if (name !== bridge.name) return false;
  const [network = ""] = words;
  const isMarked = /^[!/]/u.test(text.trim());
  return isMarked || network === "" || networks.has(network.split("/")[0]?.toLowerCase() as NetworkId);
}
