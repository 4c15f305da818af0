import type { DeliveryStatus } from "../../delivery/delivery-status.ts";
import type { GroupChange } from "../../model/groups.ts";
import type { NetworkOutboxRow } from "../../ports/rows.ts";
import type { Writes } from "../../ports/store.ts";
import type { GivenUp } from "../../runtime/put-aside.ts";
import { undoneWords } from "./change-words.ts";
import type { GroupState } from "./group-state.ts";

/** The change of a group that a row is. */
export const changeOf = ({ outgoing }: Pick<NetworkOutboxRow, "outgoing">): GroupChange | undefined =>
  outgoing?.kind === "group-change" ? outgoing.change : undefined;

/** Ends a change that somebody made anew; where the room shows what is newer, or its person did that, nothing is said. */
export async function cancelOvertaken(
  row: NetworkOutboxRow,
  change: GroupChange,
  { delivery, groupState }: { readonly delivery: DeliveryStatus; readonly groupState: GroupState },
) {
  const { room, event: id, sender } = row;
  const why =
    "Somebody changed it again before the network knew of it. If you still want it, do it once more.";
  const lead = undoneWords(change);
  const isSaid = "person" in change && !(await groupState.isChangedLater(row, change));
  const say = isSaid ? delivery.refuse({ room, id, sender, lead }, why) : undefined;
  return (tx: Writes): void => {
    // Also one that may have left already: sent again it would undo what came after it.
    tx.networkOutbox.remove(row.id);
    say?.(tx);
  };
}

/** The end of a change that the network does not make, with the writes that bring the room back. */
export function puttingBack(
  groupState: GroupState,
  { key }: NetworkOutboxRow,
  change: GroupChange,
  ended: GivenUp,
): GivenUp {
  return {
    ...ended,
    async tell(end) {
      const putBack = await groupState.putBack(key, change);
      await ended.tell((tx) => {
        end(tx);
        putBack(tx);
      });
    },
  };
}
