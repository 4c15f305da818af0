import type { PersonId } from "../../../../core/model/ids.ts";
import { faultOf } from "../../../../core/ports/log.ts";
import type { LoginContext } from "../../login-context.ts";
import { SPOKEN, tellOwnDevices } from "../outgoing-messages.ts";
import type { GroupSender } from "./group-sender.ts";
import { groupContext, groupTimer, type OpenGroup } from "./open-group.ts";

interface GroupNotice {
  /** As it is now. */
  readonly group: OpenGroup;
  /** The change that the server signed; a new group has none. */
  readonly signed?: Uint8Array;
  readonly timestamp: number;
  /** Others who are told, beside the members. */
  readonly also: Iterable<PersonId>;
}

/**
 * Tells all whom it concerns, and our own other devices, that a group is another one; who is not reached learns of it
 * with the next message. Does not reject.
 */
export async function tellGroup(
  context: LoginContext,
  sender: Pick<GroupSender, "send">,
  { group, signed, timestamp, also }: GroupNotice,
): Promise<void> {
  const { store, login, log, account, own } = context;
  try {
    const body = {
      kind: "data",
      data: {
        timestamp,
        timer: groupTimer(group),
        profileKey: account.profileKey,
        group: groupContext(group, signed),
        payload: { kind: "nothing" },
      },
    } as const;
    const commit = store.write.bind(store);
    const others = Array.from(also).filter((person) => person !== own);
    const reached = await sender.send({ ...SPOKEN, group, body, timestamp, commit, also: others });
    await tellOwnDevices(context, { chat: group.chat, timestamp, body, group }, reached, commit);
  } catch (error) {
    log.warn("a group's change could not be told", { login, ...faultOf(error) });
  }
}

/** Everybody who is in a group, or invited to it. */
export const peopleIn = ({ state }: Pick<OpenGroup, "state">): ReadonlySet<PersonId> =>
  new Set([...state.members, ...state.invited].map(({ person }) => person));
