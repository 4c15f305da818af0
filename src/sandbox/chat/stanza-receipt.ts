import { child, type Node, node } from "../../networks/meta-interop/wire/node.ts";
import { encodeStanza } from "../../networks/meta-interop/wire/stanza-encode.ts";
import type { Person } from "../phone/person.ts";
import { answerRetry, idsOf, marksOf, retryBundle, showReceipt } from "../phone/person-receipt.ts";
import type { SentMark } from "../state/message-tables.ts";
import type { StanzaContext, StanzaHandler } from "./stanza-context.ts";

const mostRetries = 5;
const mostIds = 256;

/** `<receipt>`: checked against what was sent, shown by the phone or kept while that is off, acknowledged. */
export const onReceipt: StanzaHandler = async (context, stanza) => {
  const { session, people } = context;
  const { id = "", to = "", type = "" } = stanza.attrs;
  const ids = idsOf(stanza);
  if (id === "" || ids.includes("") || ids.length > mostIds) {
    return session.breach("malformed-stanza", "a receipt without usable ids", id);
  }
  const acknowledge = (): void =>
    session.send(node("ack", { class: "receipt", id, from: to, type: type === "" ? undefined : type }));
  const person = people.byJid(to);
  // Somebody who has left in between is nobody's mistake.
  if (person === undefined) return acknowledge();
  if (type === "retry") return onRetry(context, stanza, person, acknowledge);
  if (type !== "" && type !== "read" && type !== "played") {
    return session.breach("malformed-stanza", "a receipt of an unknown type", id);
  }
  const sent = marksOf(person, session.account, stanza);
  check(context, stanza, sent);
  const taken = async () => ({ done: take(context, stanza, person, sent) });
  // After what waited for the phone; the crowd of a load run has nothing waiting.
  const { done } = await (person.row.load ? taken() : person.inLane(taken));
  await done;
  context.parts.inboxes.announce(person.id);
  acknowledge();
};

/** Receipts are for messages that were sent, and a delivered one repeats the message's server time. */
function check({ session }: StanzaContext, stanza: Node, sent: readonly (SentMark | undefined)[]): void {
  const { id = "", type = "", sts } = stanza.attrs;
  const [first] = sent;
  if (sent.includes(undefined)) {
    session.breach("unknown-receipt", "a receipt for a message that this person never sent", id);
  }
  if (first === undefined) return;
  if (sts === undefined ? type === "" : sts !== String(first.sts)) {
    session.breach("wrong-sts", "a receipt without the server time of its message", id);
  }
}

async function take(
  { session, parts, loadCounts }: StanzaContext,
  stanza: Node,
  person: Person,
  sent: readonly (SentMark | undefined)[],
): Promise<void> {
  const { account } = session;
  const { messages, commits } = parts;
  const known = sent.filter((one) => one !== undefined);
  const delivered = (stanza.attrs["type"] ?? "") === "";
  await commits.commit(() => {
    for (const { id, load } of known) {
      if (delivered && messages.delivered(account.id, id, person.id) && load !== null)
        loadCounts.delivered(load);
    }
    if (known.every(({ load }) => load !== null)) return;
    if (person.row.online) showReceipt(person, account, stanza);
    else messages.wait(person.id, account.id, encodeStanza(stanza));
  });
}

async function onRetry(context: StanzaContext, stanza: Node, person: Person, acknowledge: () => void) {
  const { session, parts } = context;
  const { account } = session;
  const { id = "" } = stanza.attrs;
  const retry = child(stanza, "retry");
  const count = Number(retry?.attrs["count"]);
  if (retry === undefined || !Number.isInteger(count) || count < 1 || retry.attrs["id"] !== id) {
    return session.breach("malformed-stanza", "a retry receipt without <retry> and its count", id);
  }
  if (retryBundle(stanza) === "malformed")
    return session.breach("malformed-stanza", "a retry receipt with malformed keys", id);
  if (count > mostRetries) {
    session.breach("too-many-retries", `a message was asked for more than ${mostRetries} times`, id);
    return acknowledge();
  }
  await person.inLane(async () => {
    if (person.row.online) return answerRetry(person, account, stanza);
    await parts.commits.commit(() => parts.messages.wait(person.id, account.id, encodeStanza(stanza)));
  });
  acknowledge();
}
