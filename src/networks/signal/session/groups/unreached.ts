import type { BridgeError } from "../../../../core/model/errors.ts";
import type { PersonId } from "../../../../core/model/ids.ts";
import type { LoginContext } from "../../login-context.ts";
import type { OpenGroup } from "./open-group.ts";

/** Tells our person who did not get what they wrote in a group. Rejects where the store fails. */
export const tellUnreached = (
  { sink }: Pick<LoginContext, "sink">,
  { chat }: Pick<OpenGroup, "chat">,
  unreached: ReadonlyMap<PersonId, BridgeError>,
): Promise<void> =>
  sink.unreached(
    chat,
    Array.from(unreached, ([person, { reason, words }]) =>
      reason === "not-reachable"
        ? ({ person, why: "gone" } as const)
        : ({ person, why: "refused", says: words } as const),
    ),
  );
