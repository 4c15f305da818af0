import { BridgeError } from "../../../../core/model/errors.ts";
import type { Outgoing } from "../../../../core/model/events.ts";
import type { ChatId, PersonId } from "../../../../core/model/ids.ts";
import type { GroupState, KnownGroup } from "../../group-records.ts";
import { GroupCipher } from "../../groups/group-cipher.ts";
import { isNumberOnly } from "../../ids.ts";
import type { DataMessage } from "../../wire/data-message.ts";
import { refused } from "./group-refusals.ts";

/** A group whose state is known, and its keys. */
export interface OpenGroup extends KnownGroup {
  readonly state: GroupState;
  readonly cipher: GroupCipher;
}

/** The group of a chat as it is now, fetched where it is not known. Throws BridgeError. */
export type Known = (chat: ChatId) => Promise<KnownGroup & { readonly state: GroupState }>;

/** Throws BridgeError where there is no such group. */
export async function openGroup(known: Known, chat: ChatId): Promise<OpenGroup> {
  const group = await known(chat);
  const cipher = GroupCipher.of(group.masterKey);
  if (!cipher)
    throw new BridgeError("internal", {
      words: "The bridge's key for this group is damaged. Write there in Signal on your phone.",
      certain: true,
    });
  return { ...group, cipher };
}

/** The members beside our own person: a member is an account. */
export const othersIn = ({ state }: OpenGroup, own: PersonId): readonly PersonId[] =>
  state.members.flatMap(({ person }) => (person === own || isNumberOnly(person) ? [] : [person]));

/** What only admins send where they alone write. */
const WRITTEN: ReadonlySet<Outgoing["kind"]> = new Set(["message", "edit"]);

/** Throws BridgeError, in words, where the group takes nothing of that kind from our person any more. */
export function requireWriting(
  { state }: Pick<OpenGroup, "state">,
  own: PersonId,
  kind: Outgoing["kind"],
): void {
  const self = state.members.find(({ person }) => person === own);
  if (!self)
    throw refused(
      "You are not in this group any more, so nobody there gets what you write. Ask somebody in it to add you again.",
    );
  if (state.terminated) throw refused("This group is over: nobody writes in it any more.");
  if (state.announcementsOnly && !self.admin && WRITTEN.has(kind))
    throw refused(
      "Only admins write in this group. Ask one of them to make you an admin, or to let all write.",
    );
}

/** A group's timer is part of its state, and has no version of its own. */
export const groupTimer = ({ state }: Pick<OpenGroup, "state">): DataMessage["timer"] => ({
  seconds: state.timer,
  version: 0,
});

/** Which group a message is for. `change`: the change that made its revision. */
export const groupContext = (
  { masterKey, state }: Pick<OpenGroup, "masterKey" | "state">,
  change?: Uint8Array,
): NonNullable<DataMessage["group"]> => ({
  masterKey,
  revision: state.revision,
  ...(change && { change }),
});
