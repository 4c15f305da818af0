import type { RemoteEvent } from "../../../core/model/events.ts";
import type { ChatId, MessageId, PersonId } from "../../../core/model/ids.ts";
import type { GroupState } from "../group-records.ts";
import { isBlocked } from "../is-blocked.ts";
import type { LoginContext } from "../login-context.ts";
import type { GroupChange_Actions as Actions } from "../wire/gen/groups_pb.js";
import { actorOf } from "./apply-change.ts";
import { namesOf } from "./group-changes.ts";
import type { GroupCipher } from "./group-cipher.ts";
import { invitationOf, invited } from "./group-events.ts";

interface Opening {
  readonly chat: ChatId;
  readonly author: PersonId;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly actions: Actions;
  readonly cipher: GroupCipher;
}

/**
 * That our person was brought into a group that was not known before, or invited to it: nothing where the change is
 * about others. Its id is that of the same change in a group that was known.
 */
export async function groupOpened(
  context: Pick<LoginContext, "login" | "store" | "network" | "own" | "ownNumber">,
  state: GroupState,
  { chat, author, at, actions, cipher }: Opening,
): Promise<readonly RemoteEvent[]> {
  const { own, ownNumber } = context;
  const isOurs = (userId: Uint8Array | undefined): boolean => {
    const person = userId && cipher.person(userId);
    return person !== undefined && (person === own || person === ownNumber);
  };
  const head = { chat, at };
  const invitation = invitationOf(state, context);
  if (invitation && actions.addMembersPendingProfileKey.some(({ added }) => isOurs(added?.member?.userId))) {
    const { by } = invitation;
    if (await isBlocked(context, by)) return [];
    return [invited(by, actions.version, { ...head, names: await namesOf(context, [by]) })];
  }
  const joined =
    actions.addMembers.some(({ added }) => isOurs(added?.userId)) ||
    actions.promoteMembersPendingAdminApproval.some(({ userId }) => isOurs(userId)) ||
    actions.promoteMembersPendingProfileKey.some(({ userId }) => isOurs(userId)) ||
    actions.promoteMembersPendingPniAciProfileKey.some(({ userId }) => isOurs(userId));
  if (!joined || !state.members.some(({ person }) => person === own)) return [];
  const actor = actorOf(actions, cipher) ?? author;
  const senderName = (await namesOf(context, [actor])).get(actor);
  return [
    {
      kind: "group-members",
      ...head,
      sender: actor === own ? undefined : actor,
      id: `group/${actions.version}/members` as MessageId,
      ...(senderName === undefined || actor === own ? {} : { senderName }),
      changes: [{ person: undefined, membership: "joined" }],
    },
  ];
}
