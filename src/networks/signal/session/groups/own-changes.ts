import { create, toBinary } from "@bufbuild/protobuf";
import type { ServerPublicParams } from "@signalapp/libsignal-client/dist/zkgroup/index.js";
import { BridgeError } from "../../../../core/model/errors.ts";
import type { GroupChange } from "../../../../core/model/groups.ts";
import type { ChatId } from "../../../../core/model/ids.ts";
import type { Journal, OutgoingItem } from "../../../../core/ports/network.ts";
import { applyChange } from "../../groups/apply-change.ts";
import { type GroupBatch, takeChange } from "../../groups/group-changes.ts";
import type { GroupServer } from "../../groups/group-server.ts";
import { signedActions } from "../../groups/signed-change.ts";
import { messageNameOf } from "../../ids.ts";
import type { LoginContext } from "../../login-context.ts";
import { signalFamily } from "../../records.ts";
import {
  GroupChange_ActionsSchema as ActionsSchema,
  GroupChangeResponseSchema,
  GroupChangeSchema,
} from "../../wire/gen/groups_pb.js";
import { decodeWhole } from "../../wire/protobuf.ts";
import { type Actions, acceptance, actionsFor, type ChangeParts } from "./change-actions.ts";
import { groupRefusal } from "./group-refusals.ts";
import type { GroupSender } from "./group-sender.ts";
import type { MemberProof } from "./member-proofs.ts";
import { type Known, type OpenGroup, openGroup } from "./open-group.ts";
import { peopleIn, tellGroup } from "./tell-group.ts";

interface OwnChangesParts {
  readonly context: LoginContext;
  readonly server: Pick<GroupServer, "call">;
  readonly sender: Pick<GroupSender, "send">;
  readonly known: Known;
  /** Brings what is known of a group up to date. Throws BridgeError. */
  readonly refresh: (chat: ChatId) => Promise<void>;
  readonly exclusively: <Value>(work: () => Promise<Value>) => Promise<Value>;
  readonly zkParams: ServerPublicParams;
  readonly proofs: MemberProof;
}

/** How often a change is made anew on what others changed at the same time. */
const MOST_TRIES = 5;

/** What our person changes about groups: the server judges and signs it, and we tell the members. */
export class OwnChanges {
  readonly #parts: OwnChangesParts;

  constructor(parts: OwnChangesParts) {
    this.#parts = parts;
  }

  /** What is so already is success. Throws BridgeError. */
  async change({ chat, id }: OutgoingItem, change: GroupChange, journal: Journal): Promise<void> {
    const timestamp = messageNameOf(id)?.timestamp ?? this.#parts.context.clock.now();
    const made = await this.#make(chat, timestamp, (group) => actionsFor(change, group, this.#change()));
    if (made?.addMembersPendingProfileKey && change.kind === "add")
      await journal.seal(
        Uint8Array.of(1),
        journal.note(`${change.name} was invited, and is in the group once they accept.`),
      );
  }

  /** Accepts or declines that our person is in a group. Having answered so already is success. Throws BridgeError. */
  async answer(chat: ChatId, accepted: boolean): Promise<void> {
    const { context } = this.#parts;
    await this.#make(chat, context.clock.now(), (group) =>
      accepted ? acceptance(group, this.#change()) : actionsFor({ kind: "leave" }, group, this.#change()),
    );
  }

  #change(): ChangeParts {
    const { own, ownNumber } = this.#parts.context;
    return { own, ownNumber, presentationOf: this.#parts.proofs };
  }

  /** Resolves to what the server was asked for; undefined where there was nothing to change. */
  async #make(
    chat: ChatId,
    timestamp: number,
    actionsOf: (group: OpenGroup) => Promise<Actions | undefined>,
  ): Promise<Actions | undefined> {
    const { known, refresh } = this.#parts;
    for (let tries = 0; tries < MOST_TRIES; tries += 1) {
      const group = await openGroup(known, chat);
      const actions = await actionsOf(group);
      if (!actions) return undefined;
      const signed = await this.#ask(group, actions);
      if (signed === "conflict") {
        await refresh(chat);
        continue;
      }
      await this.#take(group, signed);
      await this.#tell(group, signed, timestamp);
      return actions;
    }
    throw new BridgeError("remote-refused", {
      words: "Others change this group at the same time, again and again.",
      certain: true,
      retryAfter: 5_000,
    });
  }

  /** The change as the server signed it. */
  async #ask({ cipher, state }: OpenGroup, actions: Actions): Promise<Uint8Array | "conflict"> {
    const version = state.revision + 1;
    const body = toBinary(ActionsSchema, create(ActionsSchema, { ...actions, version }));
    const answer = await this.#parts.server.call(cipher, { method: "PATCH", body });
    if (answer.status === 200) {
      const { groupChange } = decodeWhole(GroupChangeResponseSchema, answer.body);
      if (!groupChange) throw new Error("the server's answer has no change");
      return toBinary(GroupChangeSchema, groupChange);
    }
    if (answer.status === 409) return "conflict";
    throw groupRefusal(answer);
  }

  /** Keeps the group as the change leaves it. */
  async #take({ chat, cipher }: OpenGroup, signed: Uint8Array): Promise<void> {
    const { context, exclusively, refresh, zkParams } = this.#parts;
    const { store, login, own, sink, clock } = context;
    const actions = signedActions(signed, cipher, zkParams);
    const isTaken = await exclusively(async () => {
      const before = (await store.family(signalFamily).group(login, chat))?.state;
      if (!before || !actions) return false;
      if (before.revision >= actions.version) return true;
      const after = applyChange(before, actions, cipher);
      if (!after) return false;
      const batch: GroupBatch = { events: [], writes: [], groups: new Map() };
      await takeChange(context, batch, { chat, before, after, actor: own, at: clock.now() });
      await sink.accept(batch.events, (tx) => {
        for (const write of batch.writes) write(tx);
      });
      return true;
    });
    if (!isTaken) await refresh(chat);
  }

  async #tell(before: OpenGroup, signed: Uint8Array, timestamp: number): Promise<void> {
    const { context, sender, known } = this.#parts;
    const group = await openGroup(known, before.chat);
    await tellGroup(context, sender, { group, signed, timestamp, also: peopleIn(before) });
  }
}
