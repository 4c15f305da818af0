import type { Node } from "../../networks/meta-interop/wire/node.ts";
import { decodeStanza } from "../../networks/meta-interop/wire/stanza-decode.ts";
import type { Account } from "../state/accounts.ts";
import type { Person } from "./person.ts";
import { answerRetry, showReceipt } from "./person-receipt.ts";
import { receive } from "./person-receive.ts";

/** Hands one waiting stanza to the phone and calls `remove` in the same commit. */
async function receiveWaiting(
  person: Person,
  account: Account,
  stanza: Node,
  remove: () => void,
): Promise<void> {
  const { commits, inboxes } = person.parts;
  if (stanza.tag === "message") {
    const { done } = await receive(person, account, stanza, remove);
    return done;
  }
  if (stanza.attrs["type"] === "retry") {
    await answerRetry(person, account, stanza);
    return commits.commit(remove);
  }
  await commits.commit(() => {
    showReceipt(person, account, stanza);
    remove();
  });
  inboxes.announce(person.id);
}

/** Takes a stanza of a group that waited; false where it is none. */
type InGroup = (person: Person, chat: number, stanza: Node, remove: () => void) => Promise<boolean>;

/** Hands a phone that is on again what waited for it, in order, each in its own commit. Call it in the person's lane. */
export async function catchUp(person: Person, inGroup: InGroup): Promise<void> {
  const { accounts, commits, messages } = person.parts;
  while (person.row.online) {
    const waiting = messages.waiting(person.id);
    if (waiting.length === 0) return;
    for (const { seq, account: id, stanza } of waiting) {
      const account = accounts.get(id);
      const remove = (): void => messages.removeWaiting(seq);
      const waited = decodeStanza(stanza);
      if (await inGroup(person, id, waited, remove)) continue;
      if (account === undefined) await commits.commit(remove);
      else await receiveWaiting(person, account, waited, remove);
    }
  }
}
