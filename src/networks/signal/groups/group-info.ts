import type { GroupInfo } from "../../../core/model/groups.ts";
import type { ChatId } from "../../../core/model/ids.ts";
import type { GroupState, KnownGroup } from "../group-records.ts";
import type { LoginContext } from "../login-context.ts";
import { groupPictureRef } from "../media/media-ref.ts";
import { namesOf } from "./group-changes.ts";
import { invitationOf, permissionsOf } from "./group-events.ts";

/** A group as it is shown in its room. */
export async function groupInfo(
  context: Pick<LoginContext, "login" | "store" | "network" | "own" | "ownNumber">,
  chat: ChatId,
  { state }: Pick<KnownGroup, "chat"> & { readonly state: GroupState },
): Promise<GroupInfo> {
  const { own } = context;
  const people = state.members.map(({ person }) => person);
  const names = await namesOf(context, people);
  const invitation = invitationOf(state, context);
  const avatar = groupPictureRef(state.avatar, chat);
  return {
    kind: "group",
    name: state.title,
    ...(state.description === "" ? {} : { topic: state.description }),
    ...(avatar === "" ? {} : { avatar }),
    self: own,
    members: state.members.map(({ person, admin }) => {
      const name = names.get(person);
      return {
        person: person === own ? undefined : person,
        role: admin ? "admin" : "member",
        ...(name === undefined ? {} : { name }),
      };
    }),
    permissions: permissionsOf(state),
    isRequest: invitation !== undefined,
    ...(invitation && { invitedBy: invitation.by }),
  };
}
