import type { ChatId } from "../../../core/model/ids.ts";
import type { GroupState } from "../group-records.ts";
import type { LoginContext } from "../login-context.ts";
import { joinRequestScope } from "../record-scopes.ts";
import { signalFamily } from "../records.ts";
import { shownName } from "../shown-name.ts";

interface StateStep {
  readonly chat: ChatId;
  readonly before: GroupState;
  readonly after: GroupState;
}

/**
 * Tells our person, who decides on it as an admin, who asks to be let into a group by its link. To be called before the
 * step is committed: each is told once, also where that fails. Rejects where the store fails.
 */
export async function tellJoinRequests(
  context: Pick<LoginContext, "login" | "network" | "own" | "store" | "sink">,
  { chat, before, after }: StateStep,
): Promise<void> {
  const { login, own, store, sink } = context;
  const isAdmin = after.members.some(({ person, admin }) => person === own && admin);
  const asked = new Set(before.requesting.map(({ person }) => person));
  const scope = joinRequestScope(login, chat);
  const revision = String(after.revision);
  for (const { person } of isAdmin ? after.requesting : []) {
    if (asked.has(person) || (await store.records.get(scope, person)) === revision) continue;
    const { profile } = (await store.family(signalFamily).recipient(login, person)) ?? {};
    const name = await shownName(context, { profile, person });
    await sink.tell(
      `${name} asks to join “${after.title}” on Signal by its link. Let them in, or refuse, in Signal on your phone.`,
      (tx) => tx.records.set(scope, person, revision),
    );
  }
}
