import type { EventId, LoginId, OutboxId, RoomId, UserId } from "../model/ids.ts";
import type { Clock } from "../ports/clock.ts";
import type { Expiring } from "../ports/expiries.ts";
import { type Homeserver, type MatrixEncoder, TARGET } from "../ports/homeserver.ts";
import type { NewMatrixOutboxRow, Portal, RowTarget } from "../ports/rows.ts";
import type { MessagePart, Store, Writes } from "../ports/store.ts";
import type { Step } from "../runtime/lanes.ts";
import type { OutboxRows } from "../runtime/outbox-rows.ts";
import { SerialByKey } from "../runtime/serial-by-key.ts";

/** The most messages that are taken out in one commit. */
const SLICE = 50;
/** The longest wait for the next one, in milliseconds, as the clock may be set. */
const LOOK_AGAIN = 3_600_000;
/** What clients show with a redaction. */
const REASON = "This message has disappeared.";

/** Whether a row takes out a message that disappears. */
export const isExpiry = ({ content = {} }: Partial<Pick<NewMatrixOutboxRow, "content">>): boolean =>
  content["reason"] === REASON;

interface ExpiriesParts {
  readonly store: Store;
  readonly homeserver: Pick<Homeserver, "bot">;
  readonly encoder: MatrixEncoder;
  readonly outbox: OutboxRows;
  readonly clock: Pick<Clock, "now">;
}

/** Something that shows a message, in a room: its event, or the row that will become it. */
interface Shown {
  readonly room: RoomId;
  readonly event: EventId | undefined;
  readonly row?: OutboxId | undefined;
  readonly later?: RowTarget;
}

/** Takes messages out of their rooms that disappear: everything that shows them, and what is stored of their text. */
export class Expiries {
  readonly #parts: ExpiriesParts;
  readonly #serial = new SerialByKey();

  constructor(parts: ExpiriesParts) {
    this.#parts = parts;
  }

  /** One step of a login's lane. */
  expire(login: LoginId): Promise<Step> {
    return this.#serial.run(login, async () => {
      const { store, clock } = this.#parts;
      const due = await store.expiries.due(login, clock.now(), SLICE);
      const records = await Promise.all(due.map((one) => this.#takeOut(one)));
      if (records.length > 0) await store.write((tx) => records.forEach((record) => record(tx)));
      if (due.length === SLICE) return "more";
      const next = await store.expiries.next(login);
      if (next === undefined) return "idle";
      return { due: Math.min(LOOK_AGAIN, Math.max(0, next - clock.now())) };
    });
  }

  /** Takes out at once what disappears of a login, before what is known of its messages is deleted. */
  async expireAll(login: LoginId): Promise<void> {
    const { store, clock } = this.#parts;
    await store.write((tx) => tx.expiries.hurry(login, clock.now()));
    while ((await this.expire(login)) === "more");
  }

  /** The writes that take a message out, with its edits and the reactions to it. */
  async #takeOut({ login, chat, id, sender }: Expiring): Promise<(tx: Writes) => void> {
    const { store } = this.#parts;
    const key = { login, chat };
    const portal = await store.portals.byChat(key);
    const gone = await store.withdrawn.of(key, id);
    const isLeft = (one: MessagePart): boolean =>
      one.sender === sender && !gone.some(({ part, sender: by }) => by === sender && part === one.part);
    const parts = (await store.messages.parts(key, id)).filter(isLeft);
    const sent = (await store.messages.events(key, id)).filter(isLeft);
    const edits = (await store.revisions.ofMessage(key, id)).filter((edit) => edit.sender === sender);
    const reactions = await store.reactions.ofMessage(key, id);
    const unsent = parts.filter(({ part }) => !sent.some((one) => one.part === part));
    const room = portal?.room;
    const queued: readonly Shown[] =
      room === undefined
        ? []
        : unsent.map(({ part }) => ({
            room,
            event: undefined,
            later: { kind: "message", ...key, id, part },
          }));
    const by = await this.#senderFor(portal, sender);
    const theirs = [...sent, ...queued, ...edits].map((one) => this.#redaction(one, by));
    // A ghost may redact its own reaction, and only the bot another's.
    const others = reactions.map((one) => this.#redaction(one, one.sender === sender ? by : undefined));
    const rows = [...theirs, ...others].flatMap((row) => row ?? []);
    const ours = sender === undefined ? [id, ...edits.flatMap(({ remote }) => remote ?? [])] : [];
    return (tx) => {
      for (const row of rows) tx.matrixOutbox.add(row);
      for (const { part } of parts) tx.revisions.forget(key, { id, part, sender });
      for (const one of reactions) tx.reactions.remove(key, id, one.sender);
      tx.withdrawn.add(key, { id, sender, part: undefined });
      tx.networkOutbox.empty(key, ours);
      tx.expiries.remove({ login, chat, id, sender });
    };
  }

  /**
   * Who redacts in the chat's room: a contact's ghost what is theirs, as the bot may lack the power in a room of
   * somebody else's making.
   */
  async #senderFor(
    portal: Portal | undefined,
    sender: Expiring["sender"],
  ): Promise<{ readonly room: RoomId; readonly user: UserId } | undefined> {
    if (sender === undefined || portal?.room === undefined || portal.state === "archived") return undefined;
    const ghost = await this.#parts.store.ghosts.byPerson(portal.network, sender);
    return ghost && { room: portal.room, user: ghost.user };
  }

  #redaction(
    { room, event, row, later }: Shown,
    theirs: { readonly room: RoomId; readonly user: UserId } | undefined,
  ): NewMatrixOutboxRow | undefined {
    const { outbox, encoder, homeserver } = this.#parts;
    const by = theirs?.room === room ? theirs.user : homeserver.bot;
    if (event !== undefined) return outbox.row(room, by, encoder.redaction(event, REASON));
    const target = later ?? (row === undefined ? undefined : ({ kind: "row", id: row } as const));
    return target && outbox.row(room, by, encoder.redaction(TARGET, REASON), { target });
  }
}
