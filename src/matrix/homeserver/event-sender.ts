import { BridgeError } from "../../core/model/errors.ts";
import type { EventId, RoomId, UserId } from "../../core/model/ids.ts";
import type { Clock } from "../../core/ports/clock.ts";
import type { EventToSend } from "../../core/ports/homeserver.ts";
import type { Metrics } from "../../core/ports/metrics.ts";
import type { Encryption } from "../crypto/encryption.ts";
import type { ShutRooms } from "../crypto/shut-rooms.ts";
import { faultOfReply, refusalOf } from "../http/homeserver-error.ts";
import { isEventId } from "../http/identifier.ts";
import { type Requests, type Route, route } from "../http/requests.ts";
import { type Accounts, mayBeLost } from "./accounts.ts";
import { withFile } from "./caption-edit.ts";
import { DEVICE, type Devices } from "./devices.ts";
import { findSent } from "./rooms.ts";

interface EventSenderParts {
  readonly requests: Requests;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly accounts: Accounts;
  readonly devices: Devices;
  /** The user in every room of the bridge, as whom sent events are looked for. */
  readonly bot: UserId;
  /** Invites one of our users to a room and joins them. */
  readonly admit: (user: UserId, room: RoomId) => Promise<void>;
  /** Makes the account, device and profile of one of our users again. */
  readonly restore: (user: UserId) => Promise<void>;
  /** Absent where the bridge reads no encrypted rooms. */
  readonly encryption?: Pick<Encryption, "seal" | "read" | "ciphertext"> | undefined;
  /** Where {@link encryption} is absent. */
  readonly shut?: Pick<ShutRooms, "seal"> | undefined;
}

/** What a homeserver may have lost of a sender. */
type Loss = "account" | "device" | "membership";

/** Sends events under their row's id, and restores what the homeserver has lost of their sender. */
export class EventSender {
  readonly #parts: EventSenderParts;

  constructor(parts: EventSenderParts) {
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
      const sent = await this.#sendMending(event);
      count("taken");
      return sent;
    } catch (error) {
      const away = error instanceof BridgeError && error.reason === "homeserver-unreachable";
      count(away ? "unreachable" : "refused");
      throw error;
    }
  }

  async #sendMending(event: EventToSend): Promise<EventId> {
    const { devices } = this.#parts;
    const lost = devices.madeSince(event.sender, event.createdAt);
    const earlier = lost ? await this.#sentEarlier(event) : undefined;
    if (earlier !== undefined) return earlier;
    for (const mended = new Set<Loss>(); ; ) {
      try {
        return await this.#put(event);
      } catch (error) {
        const loss = mayBeLost(error) ? await this.#lossBehind(error, event, mended) : undefined;
        if (loss === undefined) throw error;
        mended.add(loss);
        const made = await this.#mend(loss, event);
        if (made !== undefined) return made;
      }
    }
  }

  /** What the homeserver has lost, by asking for each: errcodes differ from one homeserver to another. */
  async #lossBehind(error: unknown, event: EventToSend, mended: Set<Loss>): Promise<Loss | undefined> {
    const { accounts, devices } = this.#parts;
    const { sender } = event;
    if (!mended.has("account") && !(await accounts.isRegistered(sender))) return "account";
    const { code, status } = refusalOf(error) ?? {};
    if (!mended.has("device") && (code === "M_UNKNOWN_DEVICE" || (await devices.isGone(sender))))
      return "device";
    return status !== 400 && !mended.has("membership") ? "membership" : undefined;
  }

  /** Restores the loss. Without account or device the homeserver knows no repeats, so first looks for an earlier try's event. */
  async #mend(loss: Loss, event: EventToSend): Promise<EventId | undefined> {
    const { devices, admit, restore } = this.#parts;
    if (loss === "membership") {
      await admit(event.sender, event.room);
      return undefined;
    }
    // Look before the device is made: after a crash between the two the homeserver must refuse the repeat again.
    const made = await this.#sentEarlier(event);
    if (made === undefined) await (loss === "account" ? restore(event.sender) : devices.make(event.sender));
    return made;
  }

  /** The event that an earlier try sent, found by its row's id. State is not looked for: setting it again changes nothing. */
  async #sentEarlier({ room, sender, id, stateKey, createdAt }: EventToSend): Promise<EventId | undefined> {
    if (stateKey !== undefined) return undefined;
    const { requests, bot, accounts, encryption } = this.#parts;
    try {
      const ciphertext = await encryption?.ciphertext(id);
      return await accounts.actingAs(bot, () =>
        findSent(requests, bot, { room, sender, row: id, ciphertext, since: createdAt }),
      );
    } catch (error) {
      // The bot cannot read the room; if it does not exist, the send that follows fails.
      if (error instanceof BridgeError && error.shut) return undefined;
      throw error;
    }
  }

  async #put(event: EventToSend): Promise<EventId> {
    const { requests, encryption, shut } = this.#parts;
    const { room, sender } = event;
    const clear = async (raw: unknown) => (encryption ? encryption.read(raw, room, sender) : raw);
    const whole = { ...event, content: await withFile(requests, event, clear) };
    const sent = (await (encryption ?? shut)?.seal(whole)) ?? whole;
    const body = await requests.json({
      method: "PUT",
      path: pathOf(sent),
      as: sender,
      device: DEVICE,
      body: sent.content,
    });
    const made = body["event_id"];
    if (isEventId(made)) return made;
    throw faultOfReply({ status: 502, retryAfter: undefined, body: undefined });
  }
}

export function pathOf({ id, room, type, stateKey, content }: EventToSend): Route {
  if (stateKey !== undefined) return route`/_matrix/client/v3/rooms/${room}/state/${type}/${stateKey}`;
  const { redacts } = content;
  // Up to room version 10 `redacts` is outside the content; the homeserver puts it there only for this path.
  return type === "m.room.redaction" && typeof redacts === "string"
    ? route`/_matrix/client/v3/rooms/${room}/redact/${redacts}/${id}`
    : route`/_matrix/client/v3/rooms/${room}/send/${type}/${id}`;
}
