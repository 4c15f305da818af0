import { child, type Node, node } from "../../networks/meta-interop/wire/node.ts";
import { encodeStanza } from "../../networks/meta-interop/wire/stanza-encode.ts";
import { isForGroup, takeGroupReceipt } from "../groups/group-receipt.ts";
import type { Person } from "../phone/person.ts";
import { answerRetry, idsOf, retryBundle, sentRefsOf, showReceipt } from "../phone/person-receipt.ts";
import type { SentRef } from "../state/message-tables.ts";
import type { StanzaContext, StanzaHandler } from "./stanza-context.ts";

const mostRetries = 5;
const mostIds = 256;

/** `<receipt>`: checked against what was sent; shown on the phone, or stored while that is off; then acknowledged. */
export const onReceipt: StanzaHandler = async (context, stanza) => {
  const { session, people } = context;
  const { id = "", to = "", type = "", participant } = stanza.attrs;
  const ids = idsOf(stanza);
  if (id === "" || ids.includes("") || ids.length > mostIds) {
    return session.reportViolation("malformed-stanza", "a receipt without usable ids", id);
  }
  const acknowledge = (): void =>
    session.send(
      node("ack", { class: "receipt", id, from: to, participant, type: type === "" ? undefined : type }),
    );
  if (type === "retry") return onRetry(context, stanza, acknowledge);
  if (type !== "" && type !== "read" && type !== "played") {
    return session.reportViolation("malformed-stanza", "a receipt of an unknown type", id);
  }
  if (isForGroup(stanza)) {
    await takeGroupReceipt(context, stanza);
    return acknowledge();
  }
  const person = people.byJid(to);
  // The person may have left the network meanwhile: no violation.
  if (person === undefined) return acknowledge();
  const sent = sentRefsOf(person, session.account, stanza);
  checkReceipt(context, stanza, sent);
  const recording = async () => ({ done: recordReceipt(context, stanza, person, sent) });
  // In the lane, behind what waited for the phone; nothing ever waits for the people of a load run.
  const { done } = await (person.row.load ? recording() : person.inLane(recording));
  await done;
  context.parts.inboxes.announce(person.id);
  acknowledge();
};

/** Reports a receipt for a message that was not sent, and a delivery receipt without the message's server time. */
function checkReceipt(
  { session }: StanzaContext,
  stanza: Node,
  sent: readonly (SentRef | undefined)[],
): void {
  const { id = "", type = "", sts } = stanza.attrs;
  const [first] = sent;
  if (sent.includes(undefined)) {
    session.reportViolation("unknown-receipt", "a receipt for a message that this person never sent", id);
  }
  if (first === undefined) return;
  if (sts === undefined ? type === "" : sts !== String(first.sts)) {
    session.reportViolation("wrong-sts", "a receipt without the server time of its message", id);
  }
}

async function recordReceipt(
  { session, parts, loadCounts }: StanzaContext,
  stanza: Node,
  person: Person,
  sent: readonly (SentRef | undefined)[],
): Promise<void> {
  const { account } = session;
  const { messages, commits } = parts;
  const sentMessages = sent.filter((one) => one !== undefined);
  const delivered = (stanza.attrs["type"] ?? "") === "";
  await commits.commit(() => {
    for (const { id, load } of sentMessages) {
      if (delivered && messages.markDelivered(account.id, id, person.id) && load !== null)
        loadCounts.delivered(load);
    }
    if (sentMessages.every(({ load }) => load !== null)) return;
    if (person.row.online) showReceipt(person, account, stanza);
    else messages.addWaiting(person.id, account.id, encodeStanza(stanza));
  });
}

async function onRetry(context: StanzaContext, stanza: Node, acknowledge: () => void) {
  const { session, parts, people } = context;
  const { account } = session;
  const { id = "", to = "" } = stanza.attrs;
  const person = people.byJid(to);
  if (person === undefined && !isForGroup(stanza)) return acknowledge();
  const retry = child(stanza, "retry");
  const count = Number(retry?.attrs["count"]);
  if (retry === undefined || !Number.isInteger(count) || count < 1 || retry.attrs["id"] !== id) {
    return session.reportViolation("malformed-stanza", "a retry receipt without <retry> and its count", id);
  }
  if (retryBundle(stanza) === "malformed")
    return session.reportViolation("malformed-stanza", "a retry receipt with malformed keys", id);
  if (count > mostRetries) {
    session.reportViolation("too-many-retries", `a message was asked for more than ${mostRetries} times`, id);
    return acknowledge();
  }
  if (person === undefined) {
    await takeGroupReceipt(context, stanza);
    return acknowledge();
  }
  await person.inLane(async () => {
    if (person.row.online) return answerRetry(person, account, stanza);
    await parts.commits.commit(() => parts.messages.addWaiting(person.id, account.id, encodeStanza(stanza)));
  });
  acknowledge();
}
