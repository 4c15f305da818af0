import type { Node } from "../../networks/meta-interop/wire/node.ts";
import { decodeStanza } from "../../networks/meta-interop/wire/stanza-decode.ts";
import type { Account } from "../state/accounts.ts";
import type { Person } from "./person.ts";
import { answerRetry, showReceipt } from "./person-receipt.ts";
import { receive } from "./person-receive.ts";

/** One stanza reaches a phone that is on again; with `served` it waits no more. */
async function arrive(person: Person, account: Account, stanza: Node, served: () => void): Promise<void> {
  const { commits, inboxes } = person.parts;
  if (stanza.tag === "message") {
    const { done } = await receive(person, account, stanza, served);
    return done;
  }
  if (stanza.attrs["type"] === "retry") {
    await answerRetry(person, account, stanza);
    return commits.commit(served);
  }
  await commits.commit(() => {
    showReceipt(person, account, stanza);
    served();
  });
  inboxes.announce(person.id);
}

/** What waited for a phone that is on again, in order, each with its own commit. In the person's lane. */
export async function catchUp(person: Person): Promise<void> {
  const { accounts, commits, messages } = person.parts;
  while (person.row.online) {
    const waiting = messages.waiting(person.id);
    if (waiting.length === 0) return;
    for (const { seq, account: id, stanza } of waiting) {
      const account = accounts.get(id);
      const served = (): void => messages.served(seq);
      if (account === undefined) await commits.commit(served);
      else await arrive(person, account, decodeStanza(stanza), served);
    }
  }
}
