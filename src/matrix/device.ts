import type { UserId } from "../core/ids.ts";
import { type Requests, route } from "./requests.ts";

/** The one device of each of our users; Synapse keeps transaction ids over a restart only for a device. */
export const DEVICE = "BRIDGE";

/** Makes the device (MSC4190); repeating it is harmless. */
export async function makeDevice(requests: Requests, user: UserId): Promise<void> {
  await requests.json({
    method: "PUT",
    path: route`/_matrix/client/v3/devices/${DEVICE}`,
    as: user,
    body: { display_name: "Third-party chats bridge" },
  });
}
