import type { UserId } from "../../core/model/ids.ts";
import type { Clock } from "../../core/ports/clock.ts";
import { errcodeOf } from "../http/errcode.ts";
import { faultOfReply } from "../http/homeserver-error.ts";
import { type Requests, route } from "../http/requests.ts";

/** The one device of each of our users; Synapse keeps transaction ids over a restart only for a device. */
export const DEVICE = "BRIDGE";

/** The devices of our users, and when this process made them. */
export class Devices {
  readonly #requests: Requests;
  readonly #clock: Pick<Clock, "now">;
  readonly #made = new Map<UserId, number>();

  constructor(requests: Requests, clock: Pick<Clock, "now">) {
    this.#requests = requests;
    this.#clock = clock;
  }

  /** Makes the device (MSC4190); repeating it is harmless. */
  async make(user: UserId): Promise<void> {
    const reply = await this.#requests.ask({
      method: "PUT",
      path: route`/_matrix/client/v3/devices/${DEVICE}`,
      as: user,
      body: { display_name: "Third-party chats bridge" },
    });
    if (reply.status !== 200 && reply.status !== 201) throw faultOfReply(reply);
    if (reply.status === 201) this.#made.set(user, this.#clock.now());
  }

  /** Whether the homeserver answers that there is no such device; a proxy's 404 or an unserved path does not count. */
  async isGone(user: UserId): Promise<boolean> {
    const path = route`/_matrix/client/v3/devices/${DEVICE}`;
    const { status, body } = await this.#requests.ask({ method: "GET", path, as: user });
    return status === 404 && errcodeOf(body) === "M_NOT_FOUND";
  }

  /** Whether the device was made after that time; the homeserver forgets transaction ids with their device. */
  madeSince(user: UserId, time: number): boolean {
    return (this.#made.get(user) ?? Number.NEGATIVE_INFINITY) >= time;
  }
}
