import type { UserId } from "../../core/model/ids.ts";
import type { Clock } from "../../core/ports/clock.ts";
import { errcodeOf } from "../http/errcode.ts";
import { faultOfReply } from "../http/homeserver-error.ts";
import { type Requests, route } from "../http/requests.ts";

/** The one device of each of our users; Synapse keeps transaction ids over a restart only for a device. */
export const DEVICE = "BRIDGE";

/** The devices of our users, and which of them are younger than what may have been sent before. */
export class Devices {
  readonly #requests: Requests;
  readonly #clock: Clock;
  readonly #made = new Map<UserId, number>();

  constructor(requests: Requests, clock: Clock) {
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

  /** Whether the homeserver says that the device is not there; a proxy's 404, or a path it does not serve, says nothing. */
  async isGone(user: UserId): Promise<boolean> {
    const path = route`/_matrix/client/v3/devices/${DEVICE}`;
    const { status, body } = await this.#requests.ask({ method: "GET", path, as: user });
    return status === 404 && errcodeOf(body) === "M_NOT_FOUND";
  }

  /** Whether the user's device was made after that time: transaction ids go with the device they were given for. */
  madeSince(user: UserId, time: number): boolean {
    return (this.#made.get(user) ?? Number.NEGATIVE_INFINITY) >= time;
  }
}
