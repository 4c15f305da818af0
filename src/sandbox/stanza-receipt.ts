import { child, children, type Node, node } from "../networks/meta-interop/wire/node.ts";
import { readBundle, readUint } from "./bundle-stanza.ts";
import type { Bundle } from "./held-prekeys.ts";
import { failureName } from "./logger.ts";
import type { SentMark } from "./message-tables.ts";
import type { Person } from "./person.ts";
import { fromUser } from "./person-receive.ts";
import { sendAgain } from "./person-send.ts";
import type { StanzaContext, StanzaHandler } from "./stanza-context.ts";

const shown = { "": "delivered", read: "read", played: "played" } as const;
const mostRetries = 5;
const mostIds = 256;

/** All message ids of a receipt: its own and those of its list. */
function idsOf(stanza: Node): readonly string[] {
  const list = child(stanza, "list");
  const more = list === undefined ? [] : children(list, "item").map(({ attrs }) => attrs["id"] ?? "");
  return [...new Set([stanza.attrs["id"] ?? "", ...more])];
}

/** `<receipt>`: checked against what was sent, shown by the phone, acknowledged. */
export const onReceipt: StanzaHandler = async (context, stanza) => {
  const { session, people, parts } = context;
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
  const { account } = session;
  const sent = ids.map((one) => parts.messages.mark(account.id, one, person.id));
  check(context, stanza, sent);
  const receipt = shown[type];
  const known = sent.filter((one) => one !== undefined);
  await parts.commits.commit(() => {
    for (const message of known) {
      if (receipt === "delivered" && parts.messages.delivered(account.id, message.id, person.id)) {
        if (message.load !== null) context.loadCounts.delivered(message.load);
      }
      // The crowd of a load run is counted, nobody reads its phones.
      if (message.load !== null) continue;
      const base = fromUser(account, message.id);
      parts.inboxes.add(person.id, account.id, { ...base, kind: "receipt", target: message.id, receipt });
    }
  });
  parts.inboxes.announce(person.id);
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

async function onRetry(context: StanzaContext, stanza: Node, person: Person, acknowledge: () => void) {
  const { session, parts } = context;
  const { id = "" } = stanza.attrs;
  const retry = child(stanza, "retry");
  const registration = readUint(child(stanza, "registration"), 4);
  const keys = child(stanza, "keys");
  const count = Number(retry?.attrs["count"]);
  if (retry === undefined || !Number.isInteger(count) || count < 1 || retry.attrs["id"] !== id) {
    return session.breach("malformed-stanza", "a retry receipt without <retry> and its count", id);
  }
  let bundle: Bundle | undefined;
  if (keys !== undefined) {
    bundle = registration === undefined ? undefined : readBundle(keys, registration);
    if (bundle === undefined)
      return session.breach("malformed-stanza", "a retry receipt with malformed keys", id);
  }
  if (count > mostRetries) {
    session.breach("too-many-retries", `a message was asked for more than ${mostRetries} times`, id);
    return acknowledge();
  }
  try {
    const sent = await person.inLane(() => sendAgain(person, session.account, id, bundle));
    if (!sent)
      session.breach("unknown-receipt", "a retry receipt for a message that cannot be sent again", id);
    acknowledge();
  } catch (cause) {
    parts.log.warn("a retry was not answered", { person: person.id, id, failure: failureName(cause) });
    session.breach("bad-prekey", "a retry receipt with keys that make no session", id);
    acknowledge();
  }
}
