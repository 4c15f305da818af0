import { isGroup } from "../../networks/meta-interop/wire/groups.ts";
import { children, type Node } from "../../networks/meta-interop/wire/node.ts";
import { encodeStanza } from "../../networks/meta-interop/wire/stanza-encode.ts";
import type { StanzaContext } from "../chat/stanza-context.ts";
import { failureName } from "../logger.ts";
import type { Person } from "../phone/person.ts";
import { idsOf, retryBundle, shownReceipts } from "../phone/person-receipt.ts";
import { type Account, accountJid } from "../state/accounts.ts";
import type { SentRef } from "../state/message-tables.ts";
import { fromMember } from "./group-item.ts";
import { chatNumber } from "./group-messages.ts";
import { groupReceiptStanza } from "./group-stanzas.ts";
import type { GroupRow } from "./group-table.ts";
import type { Groups } from "./groups.ts";
import { sendAgainInGroup } from "./phone-send.ts";

export const isForGroup = ({ attrs }: Node): boolean => isGroup(attrs["to"] ?? "");

type Sent = readonly (SentRef | undefined)[];

const sentRefs = (group: GroupRow, person: Person, stanza: Node): Sent =>
  idsOf(stanza).map((id) => person.parts.messages.sentRef(chatNumber(group), id, person.id));

/** An integrator's user's receipt for a member's message of a group; resolves when it is committed. */
export async function takeGroupReceipt(context: StanzaContext, stanza: Node): Promise<void> {
  const { session, groups, parts } = context;
  const { account } = session;
  const { id = "", to = "", type = "", participant } = stanza.attrs;
  const group = groups.get(account.network, to);
  if (participant === undefined) {
    return session.reportViolation("malformed-stanza", "a receipt in a group that names no participant", id);
  }
  const author = groups.named(account.network, participant);
  // The author may have left the network meanwhile, and the user the group: no violation.
  if (group === undefined || author === undefined) return;
  if (groups.member(group, { kind: "user", account }) === undefined) return;
  if (author.kind === "user") return forward(context, group, author.account, stanza);
  const { person } = author;
  if (type === "retry") {
    return person.inLane(async () => {
      if (person.row.online) return answerRetryInGroup(groups, group, person, account, stanza);
      await parts.commits.commit(() =>
        parts.messages.addWaiting(person.id, account.id, encodeStanza(stanza)),
      );
    });
  }
  const sent = sentRefs(group, person, stanza);
  check(context, stanza, sent);
  const recording = async () => ({ done: record(context, group, stanza, person, sent) });
  const { done } = await (person.row.load ? recording() : person.inLane(recording));
  await done;
  parts.inboxes.announce(person.id);
}

function check({ session }: StanzaContext, { attrs }: Node, sent: Sent): void {
  const { id = "", sts } = attrs;
  if (sent.includes(undefined)) {
    const words = "a receipt for a message that this member never sent";
    session.reportViolation("unknown-receipt", words, id);
  }
  const [first] = sent;
  if (first !== undefined && sts !== undefined && sts !== String(first.sts))
    session.reportViolation("wrong-sts", "a receipt with another server time than its message's", id);
}

async function record(
  { session, groups, parts, loadCounts }: StanzaContext,
  group: GroupRow,
  stanza: Node,
  person: Person,
  sent: Sent,
): Promise<void> {
  const { account } = session;
  const { messages, commits } = parts;
  const known = sent.filter((one) => one !== undefined);
  const delivered = (stanza.attrs["type"] ?? "") === "";
  await commits.commit(() => {
    for (const { id, load } of known) {
      if (!delivered || load === null) continue;
      if (messages.markDelivered(chatNumber(group), id, person.id)) loadCounts.delivered(load);
    }
    if (known.every(({ load }) => load !== null)) return;
    if (person.row.online) showGroupReceipt(groups, group, person, account, stanza);
    else messages.addWaiting(person.id, account.id, encodeStanza(stanza));
  });
}

/** Adds a receipt to a phone's inbox. Call it inside a commit, and `announce` the inbox after it. */
export function showGroupReceipt(
  { parts }: Groups,
  group: GroupRow,
  person: Person,
  account: Account,
  stanza: Node,
): void {
  const receipt = shownReceipts[stanza.attrs["type"] ?? ""];
  for (const message of sentRefs(group, person, stanza)) {
    if (message === undefined || message.load !== null) continue;
    const base = fromMember({ kind: "user", account }, group, message.id);
    parts.inboxes.add(person.id, chatNumber(group), {
      ...base,
      kind: "receipt",
      target: message.id,
      receipt,
    });
  }
}

/** Between two integrators' users the gatekeeper only passes it on. */
async function forward({ session, parts }: StanzaContext, group: GroupRow, to: Account, stanza: Node) {
  const { id = "", type = "" } = stanza.attrs;
  const participant = accountJid(session.account);
  const of = { account: to.id, group: group.jid, participant, id, type, children: children(stanza) };
  await parts.commits.commit(() => parts.mailbox.post(groupReceiptStanza({ ...of, at: parts.serverTime() })));
  parts.wake(to.id);
}

/** Sends the message that a retry receipt asks for, to the asker alone. Call it in the person's lane. */
export async function answerRetryInGroup(
  groups: Groups,
  group: GroupRow,
  person: Person,
  account: Account,
  stanza: Node,
): Promise<void> {
  const { log, violations } = person.parts;
  const { id = "" } = stanza.attrs;
  const violation = { network: account.network, user: accountJid(account), id };
  const bundle = retryBundle(stanza);
  try {
    if (bundle !== "malformed" && (await sendAgainInGroup(groups, group, person, account, id, bundle)))
      return;
    const words = "a retry receipt for a message of a group that cannot be sent again";
    violations.add({ ...violation, kind: "unknown-receipt", words });
  } catch (cause) {
    log.warn("a retry was not answered", { person: person.id, id, failure: failureName(cause) });
    const words = "a retry receipt with keys that make no session";
    violations.add({ ...violation, kind: "bad-prekey", words });
  }
}
