import type { Clock } from "../core/clock.ts";
import { BridgeError } from "../core/errors.ts";
import type { EventToSend } from "../core/homeserver.ts";
import type { EventId, RoomId, UserId } from "../core/ids.ts";
import type { Metrics } from "../core/metrics.ts";
import { withFile } from "./caption-edit.ts";
import { DEVICE, type Devices } from "./device.ts";
import { faultOfReply, refusalOf } from "./fault.ts";
import { type Requests, route } from "./requests.ts";
import { findSent } from "./rooms.ts";

interface Parts {
  readonly requests: Requests;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly devices: Devices;
  /** Sees what was sent into every room of ours. */
  readonly bot: UserId;
  /** Brings one of our users (back) into a room. */
  readonly admit: (user: UserId, room: RoomId) => Promise<void>;
}

/** Puts events into rooms under their row's id, mending what a homeserver can lose: devices and membership. */
export class Sends {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  async send(event: EventToSend): Promise<EventId> {
    const { clock, metrics } = this.#parts;
    const start = clock.now();
    const count = (outcome: "taken" | "refused" | "unreachable"): void => {
      metrics.count("sends", { direction: "to-matrix", outcome });
      metrics.time("send_seconds", { outcome }, Math.max(0, clock.now() - start) / 1000);
    };
    try {
      const sent = await this.#mending(event);
      count("taken");
      return sent;
    } catch (error) {
      const away = error instanceof BridgeError && error.reason === "homeserver-unreachable";
      count(away ? "unreachable" : "refused");
      throw error;
    }
  }

  async #mending(event: EventToSend): Promise<EventId> {
    const { devices, admit } = this.#parts;
    const lost = devices.madeSince(event.sender, event.createdAt);
    const earlier = lost ? await this.#earlier(event) : undefined;
    if (earlier !== undefined) return earlier;
    for (let tries = 0; ; tries += 1) {
      try {
        return await this.#put(event);
      } catch (error) {
        const refusal = refusalOf(error);
        if (refusal === undefined || tries === 2) throw error;
        if (refusal.code === "M_UNKNOWN_DEVICE") {
          // Before the device is made: after a crash between the two, the repeat must be refused like this one.
          const made = await this.#earlier(event);
          if (made !== undefined) return made;
          await devices.make(event.sender);
        } else if (refusal.status === 403 && tries === 0) await admit(event.sender, event.room);
        else throw error;
      }
    }
  }

  /** What an earlier try made, by the row's id in it; state has none, as setting it again changes nothing. */
  async #earlier({ room, sender, id, stateKey, createdAt }: EventToSend): Promise<EventId | undefined> {
    if (stateKey !== undefined) return undefined;
    const { requests, bot } = this.#parts;
    return findSent(requests, bot, { room, sender, row: id, since: createdAt });
  }

  async #put(event: EventToSend): Promise<EventId> {
    const { requests } = this.#parts;
    const { id, room, sender, type, stateKey } = event;
    const content = await withFile(requests, event);
    const path =
      stateKey === undefined
        ? route`/_matrix/client/v3/rooms/${room}/send/${type}/${id}`
        : route`/_matrix/client/v3/rooms/${room}/state/${type}/${stateKey}`;
    const body = await requests.json({ method: "PUT", path, as: sender, device: DEVICE, body: content });
    const made = body["event_id"];
    if (typeof made === "string") return made as EventId;
    throw faultOfReply({ status: 502, retryAfter: undefined, body: undefined });
  }
}
