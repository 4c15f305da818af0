import { parseJid } from "../../networks/meta-interop/wire/jid.ts";
import { bytes, children, type Node, node } from "../../networks/meta-interop/wire/node.ts";
import { encodeStanza } from "../../networks/meta-interop/wire/stanza-encode.ts";
import { faultTarget } from "../faults/fault-target.ts";
import { type GroupRefusal, takeGroupMessage } from "../groups/group-message.ts";
import { isForGroup } from "../groups/group-receipt.ts";
import { failureName } from "../logger.ts";
import type { Person } from "../phone/person.ts";
import type { PersonParts } from "../phone/person-parts.ts";
import { receive } from "../phone/person-receive.ts";
import type { Account } from "../state/accounts.ts";
import { encVersion, serverOf } from "../state/outgoing-stanzas.ts";
import type { StanzaContext, StanzaHandler } from "./stanza-context.ts";

/** Codes of `<ack error>`: 404 unknown person, 405 not reachable, 429 too fast, 470 a type that is never accepted. */
type Refusal = GroupRefusal | "429" | "470" | "500";

const acceptedTypes = new Set(["text", "media", "reaction"]);
const longestId = 128;

function malformation(
  { session }: StanzaContext,
  { attrs }: Node,
  encs: readonly Node[],
  types: readonly string[],
): string | undefined {
  const [enc] = encs;
  if (enc === undefined || encs.length > 1) return "a message must hold one <enc>";
  if (enc.attrs["v"] !== encVersion[session.account.network]) return "an <enc> of another version";
  if (!types.includes(enc.attrs["type"] ?? "")) return "an <enc> of an unknown type";
  if ((bytes(enc)?.length ?? 0) === 0) return "an <enc> without content";
  return attrs["type"] === undefined ? "a message without type" : undefined;
}

function isAccepted({ session, parts }: StanzaContext, { attrs }: Node): boolean {
  const { type = "" } = attrs;
  const { reactions } = parts.states.of(session.account.network).features;
  return acceptedTypes.has(type) && (type !== "reaction" || reactions);
}

/** Why a message to a group is not handed on, for what holds between two as well. */
function refusalInGroup(context: StanzaContext, stanza: Node): Refusal | undefined {
  const { session, parts } = context;
  const { to, id, participant } = stanza.attrs;
  const wrong = malformation(context, stanza, children(stanza, "enc"), ["skmsg", "pkmsg", "msg"]);
  if (wrong !== undefined) {
    session.reportViolation("malformed-stanza", wrong, id);
    return "400";
  }
  if (!isAccepted(context, stanza)) return "470";
  const target = faultTarget(session.account, "from_bridge", "message", [to, participant]);
  return parts.faults.none || parts.faults.hit(["throttle"], target) === undefined ? undefined : "429";
}

function refusalOf(context: StanzaContext, stanza: Node, person: Person | undefined): Refusal | undefined {
  const { session, parts } = context;
  const { network, integrator } = session.account;
  const { to = "" } = stanza.attrs;
  const wrong = malformation(context, stanza, children(stanza, "enc"), ["pkmsg", "msg"]);
  if (wrong !== undefined) {
    session.reportViolation("malformed-stanza", wrong, stanza.attrs["id"]);
    return "400";
  }
  if (!isAccepted(context, stanza)) return "470";
  const jid = parseJid(to);
  if (jid === undefined || (jid.kind === "user" && jid.server !== serverOf[network])) {
    session.reportViolation(
      "malformed-stanza",
      "a message to something that is no address here",
      stanza.attrs["id"],
    );
    return "400";
  }
  if (person === undefined || person.row.network !== network) return "404";
  const { faults } = parts;
  const target = faultTarget(session.account, "from_bridge", "message", person.names);
  if (!faults.none && faults.hit(["throttle"], target) !== undefined) return "429";
  return person.unreachable(integrator) === undefined ? undefined : "405";
}

/** Hands a message to the phone, or stores it while the phone is off. Call it in the person's lane. */
async function deliver(person: Person, account: Account, stanza: Node, parts: PersonParts) {
  if (person.row.online) return receive(person, account, stanza);
  const done = parts.commits.commit(() => {
    parts.messages.relate(person.id, account.id);
    parts.messages.addWaiting(person.id, account.id, encodeStanza(stanza));
  });
  return { done };
}

/** `<message>`: checked, delivered and committed, then acknowledged. */
export const onMessage: StanzaHandler = async (context, stanza) => {
  const { session, people, parts } = context;
  const { id = "", to = "" } = stanza.attrs;
  if (id === "" || id.length > longestId)
    return session.reportViolation("malformed-stanza", "a message without a usable id");
  const { account } = session;
  const person = people.byJid(to);
  const acknowledge = (error?: Refusal, phash?: string): void => {
    const t = String(Math.floor(Date.now() / 1000));
    session.send(node("ack", { class: "message", id, from: to, t, error, phash }));
  };
  if (isForGroup(stanza)) {
    const refusal = refusalInGroup(context, stanza);
    if (refusal !== undefined) return acknowledge(refusal);
    try {
      const { error, phash } = await takeGroupMessage(context, stanza);
      return acknowledge(error, phash);
    } catch (cause) {
      parts.log.error("a message to a group was not taken", { id, failure: failureName(cause) });
      return acknowledge("500");
    }
  }
  const refusal = refusalOf(context, stanza, person);
  if (refusal !== undefined || person === undefined) return acknowledge(refusal ?? "404");
  // A sender learns only from the notification that they are blocked: the message is acknowledged and dropped.
  if (parts.messages.blocked(person.id, account.id, "person")) return acknowledge();
  try {
    const { done } = await person.inLane(() => deliver(person, account, stanza, parts));
    await done;
    acknowledge();
  } catch (cause) {
    parts.log.error("a message was not taken", { person: person.id, id, failure: failureName(cause) });
    acknowledge("500");
  }
};
