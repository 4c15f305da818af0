import { bridgedRoom } from "../../chats/bridged/bridged-rooms.ts";
import { sendRefusal } from "../../chats/send-refusal.ts";
import type { MatrixEvent } from "../../model/events.ts";
import type { GroupChange } from "../../model/groups.ts";
import type { GroupPortal } from "../../ports/rows.ts";
import type { Store, Writes } from "../../ports/store.ts";
import type { MatrixEventContext } from "../event-context.ts";
import type { MessageIds } from "../message-ids.ts";
import type { Asked, AskedChanges } from "./asked-changes.ts";
import { undoneWords } from "./change-words.ts";
import type { GroupState } from "./group-state.ts";

type Record = (tx: Writes) => void;
type Context = Omit<MatrixEventContext, "newRow" | "target" | "targetRow" | "reactionTarget">;

interface GroupChangesParts {
  readonly store: Pick<Store, "networkOutbox" | "records">;
  readonly asked: AskedChanges;
  readonly state: GroupState;
  readonly messageIds: MessageIds;
}

/** Kinds that say something of a room, and ask nothing of a chat between two. */
const STATE: ReadonlySet<MatrixEvent["kind"]> = new Set([
  "room-name",
  "room-topic",
  "room-avatar",
  "power-levels",
  "room-access",
]);

/** Whether the event says what a room is, and can be no message. */
export const isRoomState = ({ kind }: Pick<MatrixEvent, "kind">): boolean => STATE.has(kind);

/** Whether who did it is to know when it goes nowhere. */
export const isWritten = ({ kind }: Pick<MatrixEvent, "kind">): boolean =>
  kind !== "member" && kind !== "redaction" && !STATE.has(kind);

/** Queues for the network what a person changes of a group by changing its room; what may not be, is put back. */
export class GroupChanges {
  readonly #parts: GroupChangesParts;

  constructor(parts: GroupChangesParts) {
    this.#parts = parts;
  }

  /** The writes for an event in a portal; undefined where it asks nothing of a group. `context`: its sender's. */
  async read(event: MatrixEvent, context: Context | undefined): Promise<Record | undefined> {
    const { store } = this.#parts;
    if (context?.portal.kind !== "group") return undefined;
    const group = context.portal;
    // Whom people take out of a room of theirs behind its chat's end stays out.
    if (group.state === "archived" && event.kind === "member" && (await bridgedRoom(store, event.room)))
      return undefined;
    const asked = await this.#parts.asked.in(event, group);
    // Besides roles it may have lowered what an act needs, by which somebody would gain a right.
    if (!asked) return event.kind === "power-levels" ? this.#parts.state.showPowers(group) : undefined;
    const isMember = event.sender === context.login.user;
    // Somebody who is not in the group is answered by the ghost that they invited.
    if (!isMember && event.kind === "member" && event.membership === "invite") return undefined;
    // No member reads it, and by it one whose key is another may be removed.
    const refusal =
      sendRefusal(event.sender, { ...context, changedMember: undefined }) ??
      context.granted.closed ??
      asked.refusal;
    const record =
      refusal === undefined
        ? await this.#queue(event, asked, group, context)
        : await this.#refuse(event, asked, group, { ...context, why: refusal });
    const { left } = asked;
    if (!left) return record;
    // While they are in the group, its next message asks them in again.
    return (tx) => {
      record(tx);
      tx.portals.setMember(left, "left");
    };
  }

  async #queue(
    event: MatrixEvent,
    { changes }: Asked,
    group: GroupPortal,
    { network, clock }: Pick<Context, "network" | "clock">,
  ): Promise<Record> {
    const { store, asked, state, messageIds } = this.#parts;
    const key = { login: group.login, chat: group.chat };
    const isChanging = (await store.networkOutbox.changes(key)).length > 0;
    const wanted: GroupChange[] = [];
    const shown: Record[] = [];
    for (const change of changes) {
      // What is so by now may be changed by what is on its way.
      if (isChanging || !(await asked.isSo(change, group))) wanted.push(change);
      // The room may show it otherwise than the bridge does.
      else shown.push(await state.putBack(key, change));
    }
    const ids = await messageIds.reserve(network, key, event, wanted.length);
    const { room, id, sender } = event;
    return (tx) => {
      for (const show of shown) show(tx);
      for (const [item, row] of ids.entries()) {
        const change = wanted[item];
        if (!change) continue;
        const outgoing = { kind: "group-change", change } as const;
        tx.networkOutbox.add({
          ...row,
          key,
          room,
          event: id,
          item,
          sender,
          outgoing,
          createdAt: clock.now(),
        });
      }
    };
  }

  async #refuse(
    event: MatrixEvent,
    { changes }: Asked,
    group: GroupPortal,
    { delivery, why }: Pick<Context, "delivery"> & { readonly why: string },
  ): Promise<Record> {
    const { state } = this.#parts;
    const [change, ...more] = changes;
    const back = await Promise.all(changes.map((one) => state.putBack(group, one)));
    const lead = change && more.length === 0 ? undoneWords(change) : "The group stays as it was.";
    const say = delivery.refuse({ ...event, lead }, why, "forbidden");
    const levels = event.kind === "power-levels" ? await state.showPowers(group) : undefined;
    return (tx) => {
      say(tx);
      for (const one of back) one(tx);
      levels?.(tx);
    };
  }
}
