import { BridgeError } from "../../core/model/errors.ts";
import type { EventId, RoomId, UserId } from "../../core/model/ids.ts";
import type { Clock } from "../../core/ports/clock.ts";
import type { EventToSend } from "../../core/ports/homeserver.ts";
import type { Metrics } from "../../core/ports/metrics.ts";
import { faultOfReply, refusalOf } from "../http/homeserver-error.ts";
import { isEventId } from "../http/identifier.ts";
import { type Requests, type Route, route } from "../http/requests.ts";
import { type Accounts, isDoubtful } from "./accounts.ts";
import { withFile } from "./caption-edit.ts";
import { DEVICE, type Devices } from "./devices.ts";
import { findSent } from "./rooms.ts";

interface SendEventParts {
  readonly requests: Requests;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly accounts: Accounts;
  readonly devices: Devices;
  /** Sees what was sent into every room of ours. */
  readonly bot: UserId;
  /** Brings one of our users (back) into a room. */
  readonly admit: (user: UserId, room: RoomId) => Promise<void>;
  /** Gives one of our users who is gone their account, device and profile again. */
  readonly restore: (user: UserId) => Promise<void>;
}

/** What of a sender a homeserver can lose. */
type Loss = "account" | "device" | "membership";

/** Puts events into rooms under their row's id, mending what a homeserver has lost of their sender. */
export class Sends {
  readonly #parts: SendEventParts;

  constructor(parts: SendEventParts) {
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
    const { devices } = this.#parts;
    const lost = devices.madeSince(event.sender, event.createdAt);
    const earlier = lost ? await this.#earlier(event) : undefined;
    if (earlier !== undefined) return earlier;
    for (const mended = new Set<Loss>(); ; ) {
      try {
        return await this.#put(event);
      } catch (error) {
        const loss = isDoubtful(error) ? await this.#lossBehind(error, event, mended) : undefined;
        if (loss === undefined) throw error;
        mended.add(loss);
        const made = await this.#mend(loss, event);
        if (made !== undefined) return made;
      }
    }
  }

  /** Errcodes differ from server to server, so what is missing is asked. */
  async #lossBehind(error: unknown, event: EventToSend, mended: Set<Loss>): Promise<Loss | undefined> {
    const { accounts, devices } = this.#parts;
    const { sender } = event;
    if (!mended.has("account") && !(await accounts.isRegistered(sender))) return "account";
    const { code, status } = refusalOf(error) ?? {};
    if (!mended.has("device") && (code === "M_UNKNOWN_DEVICE" || (await devices.isGone(sender))))
      return "device";
    return status !== 400 && !mended.has("membership") ? "membership" : undefined;
  }

  /** What an earlier try made, where the loss means that the homeserver cannot know a repeat. */
  async #mend(loss: Loss, event: EventToSend): Promise<EventId | undefined> {
    const { devices, admit, restore } = this.#parts;
    if (loss === "membership") {
      await admit(event.sender, event.room);
      return undefined;
    }
    // Before the device is made: after a crash between the two, the repeat must be refused like this one.
    const made = await this.#earlier(event);
    if (made === undefined) await (loss === "account" ? restore(event.sender) : devices.make(event.sender));
    return made;
  }

  /** What an earlier try made, by the row's id in it; state has none, as setting it again changes nothing. */
  async #earlier({ room, sender, id, stateKey, createdAt }: EventToSend): Promise<EventId | undefined> {
    if (stateKey !== undefined) return undefined;
    const { requests, bot, accounts } = this.#parts;
    try {
      return await accounts.acting(bot, () =>
        findSent(requests, bot, { room, sender, row: id, since: createdAt }),
      );
    } catch (error) {
      // A room that is not there has nothing in it; whether it is, the send itself tells.
      if (error instanceof BridgeError && error.shut) return undefined;
      throw error;
    }
  }

  async #put(event: EventToSend): Promise<EventId> {
    const { requests } = this.#parts;
    const content = await withFile(requests, event);
    const body = await requests.json({
      method: "PUT",
      path: pathOf(event),
      as: event.sender,
      device: DEVICE,
      body: content,
    });
    const made = body["event_id"];
    if (isEventId(made)) return made;
    throw faultOfReply({ status: 502, retryAfter: undefined, body: undefined });
  }
}

function pathOf({ id, room, type, stateKey, content }: EventToSend): Route {
  if (stateKey !== undefined) return route`/_matrix/client/v3/rooms/${room}/state/${type}/${stateKey}`;
  const { redacts } = content;
  // Up to room version 10 what is redacted is no part of the content, and only this path knows where it is put.
  return type === "m.room.redaction" && typeof redacts === "string"
    ? route`/_matrix/client/v3/rooms/${room}/redact/${redacts}/${id}`
    : route`/_matrix/client/v3/rooms/${room}/send/${type}/${id}`;
}
