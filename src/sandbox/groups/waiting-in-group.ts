import { isGroup } from "../../networks/meta-interop/wire/groups.ts";
import type { Node } from "../../networks/meta-interop/wire/node.ts";
import type { Person } from "../phone/person.ts";
import { answerRetryInGroup, showGroupReceipt } from "./group-receipt.ts";
import type { Groups } from "./groups.ts";
import { showNote, waitingNote } from "./phone-note.ts";
import { receiveInGroup } from "./phone-receive.ts";

/**
 * Hands a stanza of a group that waited to a phone that is on again, and calls `remove` in the same commit. Call it in
 * the person's lane.
 * @returns false where it is none of a group.
 */
export function waitingInGroup(groups: Groups) {
  return async (person: Person, chat: number, stanza: Node, remove: () => void): Promise<boolean> => {
    const { commits, inboxes, accounts } = person.parts;
    const shows = async (show: () => void): Promise<true> => {
      await commits.commit(() => {
        show();
        remove();
      });
      inboxes.announce(person.id);
      return true;
    };
    if (stanza.tag === waitingNote) return shows(() => showNote(person, chat, stanza));
    const { to = "", type } = stanza.attrs;
    if (!isGroup(to)) return false;
    const group = groups.get(person.row.network, to);
    const account = accounts.get(chat);
    if (group === undefined || account === undefined) return shows(() => undefined);
    if (stanza.tag === "message") {
      const { done } = await receiveInGroup(groups, group, person, account, stanza, remove);
      await done;
      return true;
    }
    if (type !== "retry") return shows(() => showGroupReceipt(groups, group, person, account, stanza));
    await answerRetryInGroup(groups, group, person, account, stanza);
    return shows(() => undefined);
  };
}
