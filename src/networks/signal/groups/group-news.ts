import { setImmediate } from "node:timers/promises";
import type { ServerPublicParams } from "@signalapp/libsignal-client/dist/zkgroup/index.js";
import type { ChatId, PersonId } from "../../../core/model/ids.ts";
import type { GroupState } from "../group-records.ts";
import type { LoginContext } from "../login-context.ts";
import { signalFamily } from "../records.ts";
import type { DataMessage } from "../wire/data-message.ts";
import type { GroupChange_Actions as Actions } from "../wire/gen/groups_pb.js";
import { actorOf, applyChange } from "./apply-change.ts";
import { type GroupBatch, takeChange } from "./group-changes.ts";
import { GroupCipher } from "./group-cipher.ts";
import { groupOpened } from "./group-opened.ts";
import { signedActions } from "./signed-change.ts";

interface GroupNewsParts {
  readonly context: Pick<LoginContext, "login" | "store" | "network" | "own" | "ownNumber" | "sink">;
  readonly zkParams: ServerPublicParams;
  /** The chats that hold messages: what comes for them after that waits behind those. */
  readonly holding: ReadonlySet<ChatId>;
}

/** A message to a group, of a contact's or our own. */
interface GroupMessage {
  readonly group: NonNullable<DataMessage["group"]>;
  readonly author: PersonId;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** Whether it was held until the group's state was fetched, which is as new as it can be had. */
  readonly waited: boolean;
}

type Admission =
  | { readonly kind: "admitted"; readonly chat: ChatId; readonly state: GroupState }
  /** Something of the group's state must be fetched first. */
  | { readonly kind: "held"; readonly chat: ChatId; readonly masterKey: Uint8Array }
  | { readonly kind: "left-out"; readonly reason: string };

/** Brings a group's state up to the revision that a message names, where the message itself has what is new. */
export class GroupNews {
  readonly #parts: GroupNewsParts;

  constructor(parts: GroupNewsParts) {
    this.#parts = parts;
  }

  /** Rejects only where the store fails. */
  async admit(batch: GroupBatch, message: GroupMessage): Promise<Admission> {
    const { context, holding } = this.#parts;
    const { masterKey, revision } = message.group;
    const cipher = GroupCipher.of(masterKey);
    if (!cipher) return leftOut("its group's key is none");
    const { chat } = cipher;
    const held: Admission = { kind: "held", chat, masterKey };
    if (holding.has(chat) && !message.waited) return held;
    const known = await context.store.family(signalFamily).group(context.login, chat);
    if (known?.stored?.blocked === true) return leftOut("our person blocked its group");
    const state = batch.groups.get(chat) ?? known?.state;
    if (!state) return message.waited ? leftOut("its group cannot be had") : held;
    const actions = this.#actionsOf(message, cipher);
    if (revision <= state.revision) {
      // The change that the fetched state has in it already: where it brought us in, its room begins with that.
      if (message.waited && actions)
        batch.events.push(...(await groupOpened(context, state, { ...message, chat, actions, cipher })));
      return { kind: "admitted", chat, state };
    }
    const after = actions && applyChange(state, actions, cipher);
    if (!after) return message.waited ? { kind: "admitted", chat, state } : held;
    const actor = actorOf(actions, cipher) ?? message.author;
    // Many changes may come at once.
    await setImmediate();
    await takeChange(context, batch, { chat, before: state, after, actor, at: message.at });
    return { kind: "admitted", chat, state: after };
  }

  #actionsOf({ group: { change } }: GroupMessage, cipher: GroupCipher): Actions | undefined {
    return change && signedActions(change, cipher, this.#parts.zkParams);
  }
}

const leftOut = (reason: string): Admission => ({ kind: "left-out", reason });
