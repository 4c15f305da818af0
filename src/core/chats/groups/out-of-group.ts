import type { Portal } from "../../ports/rows.ts";
import type { Store } from "../../ports/store.ts";
import { isRequest } from "../requests.ts";
import { othersGoOn } from "./shared-rooms.ts";

/** Whether the login's person is not in the group in whose room others go on, and so has no place there. */
export async function isOutOfSharedRoom(
  store: Pick<Store, "portals" | "records" | "requestAnswers">,
  portal: Portal,
): Promise<boolean> {
  return (await isOut(store, portal)) && (await othersGoOn(store, portal));
}

/** Whether they left, have yet to accept that they were invited, or the network has yet to hear that they did. */
async function isOut(store: Pick<Store, "records" | "requestAnswers">, portal: Portal): Promise<boolean> {
  if (portal.state === "archived") return true;
  if (portal.kind === "direct") return false;
  return (await isRequest(store, portal)) || (await store.requestAnswers.of(portal)) !== undefined;
}
