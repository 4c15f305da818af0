import type { DeliveryStatus } from "../../delivery/delivery-status.ts";
import type { ManagementRoom } from "../../management/management-room.ts";
import { BridgeError } from "../../model/errors.ts";
import type { MatrixEvent } from "../../model/events.ts";
import type { EventId, LoginId, RoomId, UserId } from "../../model/ids.ts";
import type { Homeserver, Sealed } from "../../ports/homeserver.ts";
import { faultOf, type Log } from "../../ports/log.ts";
import type { Portal } from "../../ports/rows.ts";
import type { Writes } from "../../ports/store.ts";
import { SerialByKey } from "../../runtime/serial-by-key.ts";
import { convertMatrixEvent } from "../convert-matrix-event.ts";
import { type EventContextsParts, rowsFor, targetsOf } from "../event-contexts.ts";
import type { MessageIds, RowIds } from "../message-ids.ts";
import { RoomContexts } from "../room-contexts.ts";

interface UnreadEventsParts extends EventContextsParts {
  readonly homeserver: Pick<Homeserver, "open">;
  readonly management: Pick<ManagementRoom, "prefixed" | "isForRooms">;
  readonly delivery: DeliveryStatus;
  readonly messageIds: MessageIds;
  readonly log: Log;
}

/** Scope of the records of events that wait for their key; in a chat it goes with the login. */
const SCOPE = "unread";
const scopeOf = (login: LoginId | undefined): string =>
  login === undefined ? SCOPE : `login/${login}/${SCOPE}`;
/** Milliseconds that a key is waited for. */
const KEPT = 7 * 86_400_000;
/** The most events that wait; those behind them are to be written again. */
const MOST = 500;

const LATE =
  "The key for this came late, so I can read it only now, and did nothing. Write it again if you still want it.";
const WAITS =
  "The key for it has not come yet, so it cannot be read. Where it comes within seven days, I say so here, and you can send the message then. Or write it anew.";

interface Waiting {
  readonly scope: string;
  readonly room: RoomId;
  readonly sender: UserId;
}

type Record = (tx: Writes) => void;

/**
 * Events that were given up because their key had not come. When it comes they are offered to their person: what was meant
 * for a chat can be sent by “retry”, like whatever failed; what was meant for the bot is to be written again. Nothing is
 * done silently so late.
 */
export class UnreadEvents {
  readonly #parts: UnreadEventsParts;
  readonly #serial = new SerialByKey();
  /** In the order in which they were given up. */
  readonly #waiting = new Map<EventId, Waiting>();

  constructor(parts: UnreadEventsParts) {
    this.#parts = parts;
  }

  /** The writes that keep an event, behind whose commit `looks` is to be called. */
  keep(event: Sealed, portal: Portal | undefined): { readonly record: Record; readonly looks: () => void } {
    const { clock } = this.#parts;
    const { id, room, sender } = event;
    if (this.#waiting.size >= MOST) return { record: () => undefined, looks: () => undefined };
    const scope = scopeOf(portal?.login);
    const until = clock.now() + KEPT;
    return {
      record: (tx) => tx.records.set(scope, id, JSON.stringify({ event, until }), until),
      looks: () => {
        this.#waiting.set(id, { scope, room, sender });
        // Its key may have come while it was given up.
        this.#look();
      },
    };
  }

  /** Whether something of a person's waits in a room, or this event does; then the words for who wants it sent. */
  waits(room: RoomId, sender: UserId, event?: EventId): string | undefined {
    const all = Array.from(this.#waiting);
    const theirs = all.filter(([, one]) => one.room === room && one.sender === sender);
    const found = event === undefined ? theirs.length > 0 : theirs.some(([id]) => id === event);
    return found ? WAITS : undefined;
  }

  keysCame(sessions: readonly string[]): void {
    if (this.#waiting.size > 0) this.#look(sessions);
  }

  /** Takes up what waited when the bridge ended. */
  async resume(): Promise<void> {
    const { store } = this.#parts;
    const scopes = [undefined, ...(await store.logins.all()).map(({ id }) => id)].map(scopeOf);
    for (const scope of scopes)
      for (const { value } of await store.records.all(scope)) {
        const { id, room, sender } = keptIn(value).event;
        this.#waiting.set(id, { scope, room, sender });
      }
    this.keysCame([]);
  }

  /** `sessions`: of which keys came; of any where there are none. */
  #look(sessions: readonly string[] = []): void {
    this.#serial
      .run("", () => this.#offerAll(sessions))
      .catch((error: unknown) =>
        this.#parts.log.warn("events whose keys came were not offered", faultOf(error)),
      );
  }

  async #offerAll(sessions: readonly string[]): Promise<void> {
    const { store, clock } = this.#parts;
    for (const [id, { scope }] of this.#waiting) {
      const value = await store.records.get(scope, id);
      const kept = value === undefined ? undefined : keptIn(value);
      if (!kept || kept.until < clock.now()) {
        this.#waiting.delete(id);
        continue;
      }
      const { event } = kept;
      if (sessions.length > 0 && !sessions.some((session) => event.sealed?.includes(session))) continue;
      const record = await this.#offer(event);
      if (!record) continue;
      await store.write((tx) => {
        record(tx);
        tx.records.remove(scope, id);
      });
      this.#waiting.delete(id);
    }
  }

  /** The writes that offer an event; undefined where it still cannot be read. */
  async #offer(sealed: Sealed): Promise<Record | undefined> {
    const { store, homeserver, delivery } = this.#parts;
    let event: MatrixEvent | undefined;
    try {
      event = await homeserver.open(sealed, "late");
    } catch (error) {
      if (error instanceof BridgeError && error.reason === "unreadable") return undefined;
      throw error;
    }
    if (!event) return () => undefined;
    const portals = await store.portals.ofRoom(event.room);
    return (await this.#inChat(event, portals)) ?? delivery.reply(event, LATE);
  }

  /** Undefined where it was not meant for the chat. */
  async #inChat(event: MatrixEvent, portals: readonly Portal[]): Promise<Record | undefined> {
    const { store, messageIds, delivery } = this.#parts;
    if (event.kind !== "message" || portals.length === 0 || this.#isForBot(event)) return undefined;
    const { context } = await new RoomContexts(this.#parts, event.room, portals).of(event.sender);
    if (context?.login.user !== event.sender) return undefined;
    const targets = await targetsOf(store, event, context.login.id, false);
    const rows = await rowsFor(messageIds, context, event, targets.others);
    const made: RowIds[] = [];
    const newRow = (): RowIds => {
      const row = rows.newRow();
      made.push(row);
      return row;
    };
    const record = convertMatrixEvent(event, { ...context, ...targets, newRow });
    const offered = delivery.offered(
      event,
      context.portal,
      made.map(({ id }) => id),
    );
    return (tx) => {
      record(tx);
      // Where nothing was made of it, it was refused with words.
      if (made.length === 0) return;
      for (const { id } of made) tx.networkOutbox.setState(id, "failed");
      offered(tx);
    };
  }

  #isForBot({ message: { parts }, replyTo }: Extract<MatrixEvent, { readonly kind: "message" }>): boolean {
    const { management } = this.#parts;
    const [part, ...more] = parts;
    if (part?.kind !== "text" || more.length > 0) return false;
    const { text } = part.body;
    const isAnswer = replyTo !== undefined && /^\W*(?:retry|discard)\W*$/iu.test(text);
    return isAnswer || management.isForRooms(text) || management.prefixed(text)?.isCommand === true;
  }
}

/** As it was kept. */
const keptIn = (value: string) => JSON.parse(value) as { readonly event: Sealed; readonly until: number };
