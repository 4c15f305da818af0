import { child, type Node } from "../../networks/meta-interop/wire/node.ts";
import { faultTarget } from "../faults/fault-target.ts";
import { groupQuery, groupSet } from "../groups/group-iqs.ts";
import { isForGroup } from "../groups/group-receipt.ts";
import { takeGroupTyping } from "../groups/group-typing.ts";
import { failureName } from "../logger.ts";
import { fromUser } from "../phone/person-receive.ts";
import { answer, type IqHandler, refuse } from "./iq.ts";
import { blockList, lookUp, report } from "./stanza-contacts.ts";
import type { StanzaContext, StanzaHandler } from "./stanza-context.ts";
import { onMessage } from "./stanza-message.ts";
import { fetchPrekeys, uploadPrekeys } from "./stanza-prekeys.ts";
import { onReceipt } from "./stanza-receipt.ts";

/** Requests by namespace and type. */
const iqs: Readonly<Record<string, IqHandler>> = {
  "encrypt set": uploadPrekeys,
  "encrypt get": fetchPrekeys,
  "w:interop get": lookUp,
  "w:interop set": blockList,
  "w:g2 get": groupQuery,
  "w:g2 set": groupSet,
  "spam set": report,
  "urn:xmpp:ping get": answer,
};

const onIq: StanzaHandler = (context, stanza) => {
  const { session, parts } = context;
  const { id, type = "", xmlns = "" } = stanza.attrs;
  // The client answers the server's ping.
  if (type === "result" || type === "error") return;
  if (id === undefined || id === "")
    return session.reportViolation("malformed-stanza", "an iq without an id");
  const key = `${xmlns} ${type}`;
  const handler = Object.hasOwn(iqs, key) ? iqs[key] : undefined;
  if (handler === undefined) {
    session.reportViolation("unknown-iq", "a request of an unknown namespace or type", id);
    return refuse(context, stanza, "400", "bad-request");
  }
  const fault = parts.faults.hit(["throttle"], faultTarget(session.account, "from_bridge", "iq"));
  if (fault !== undefined) return refuse(context, stanza, "429", "rate-overlimit");
  return handler(context, stanza);
};

const onAck: StanzaHandler = async (context, stanza) => {
  const { session, people, parts, loadCounts } = context;
  const acknowledged = session.acknowledged(stanza);
  if (acknowledged === "again") return;
  if (acknowledged === undefined) {
    const { id = "", to = "" } = stanza.attrs;
    const sender = people.byJid(to)?.id ?? "";
    // The client acknowledges a copy that it got over an earlier connection.
    if (parts.messages.sentRef(session.account.id, id, sender) !== undefined) return;
    return session.reportViolation("unknown-ack", "an acknowledgement of something never sent", id);
  }
  await parts.commits.commit(() => {
    parts.mailbox.drop(acknowledged.seq);
    if (acknowledged.load !== null) loadCounts.acked(acknowledged.load);
  });
};

const onChatState: StanzaHandler = async (context, stanza) => {
  const { session, people, parts } = context;
  const composing = child(stanza, "composing");
  if (composing === undefined && child(stanza, "paused") === undefined) {
    return session.reportViolation("malformed-stanza", "a chatstate of an unknown kind");
  }
  const { account } = session;
  if (!parts.states.of(account.network).features.typing) return;
  const { to = "" } = stanza.attrs;
  const records = composing?.attrs["media"] === "audio";
  if (isForGroup(stanza))
    return takeGroupTyping(context, to, { on: composing !== undefined, voice: records });
  const person = people.byJid(to);
  if (person === undefined || !person.row.online) return;
  if (person.unreachable(account.integrator) !== undefined) return;
  if (parts.messages.blocked(person.id, account.id, "person")) return;
  const voice = records ? { voice: true } : {};
  const item = { ...fromUser(account, ""), kind: "typing" as const, on: composing !== undefined, ...voice };
  await person.inLane(() => parts.commits.commit(() => parts.inboxes.add(person.id, account.id, item)));
  parts.inboxes.announce(person.id);
};

const handlers: Readonly<Record<string, StanzaHandler>> = {
  message: onMessage,
  receipt: onReceipt,
  ack: onAck,
  iq: onIq,
  chatstate: onChatState,
  presence: () => undefined,
};

/** Runs the handler of a client's stanza; never throws. The session reads no more while too many are running. */
export function handleStanza(context: StanzaContext, stanza: Node): void {
  const { session, parts } = context;
  const handler = Object.hasOwn(handlers, stanza.tag) ? handlers[stanza.tag] : undefined;
  if (handler === undefined) return session.reportViolation("unknown-stanza", "a stanza with an unknown tag");
  const failed = (cause: unknown): void =>
    parts.log.error("a stanza was not handled", {
      user: session.jid,
      tag: stanza.tag,
      failure: failureName(cause),
    });
  try {
    const running = handler(context, stanza);
    if (running !== undefined) session.busyWith(running.catch(failed));
  } catch (cause) {
    failed(cause);
  }
}
