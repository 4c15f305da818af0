import { child, children, type Node, node } from "../../networks/meta-interop/wire/node.ts";
import { faultTarget } from "../faults/fault-target.ts";
import { HttpError } from "../http/http-error.ts";
import { signedBy } from "../phone/signal-bundle.ts";
import { keyNodes, readIdentity, readPrekey, readUint, registrationNode } from "../state/bundle-stanza.ts";
import type { Bundle, PublicPrekey } from "../state/held-prekeys.ts";
import { answer, type IqHandler, refuse } from "./iq.ts";

const mostKeys = 2048;
const mostUsers = 256;

/** Uploads that were handled: a fault may hand one in twice, which is no second use of a key by the client. */
const handled = new WeakSet<Node>();

interface Upload {
  readonly registration: number;
  readonly identity: Uint8Array;
  readonly keys: readonly PublicPrekey[];
}

function read(stanza: Node): Upload | undefined {
  const registration = readUint(child(stanza, "registration"), 4);
  const identity = readIdentity(stanza);
  if (registration === undefined || identity === undefined) return undefined;
  const list = child(stanza, "list");
  const kyberList = child(stanza, "kyberlist");
  const keys = [
    ...(list === undefined ? [] : children(list)).map((one) => readPrekey(one, "ec")),
    ...(kyberList === undefined ? [] : children(kyberList)).map((one) => readPrekey(one, "kyber")),
    ...children(stanza, "skey").map((one) => readPrekey(one, "signed")),
    ...children(stanza, "kyber").map((one) => readPrekey(one, "last")),
  ];
  if (keys.length > mostKeys || keys.includes(undefined)) return undefined;
  return { registration, identity, keys: keys.filter((key) => key !== undefined) };
}

/** `<iq xmlns="encrypt" type="set">`: the first upload of keys or a later one; all of it is stored, or nothing. */
export const uploadPrekeys: IqHandler = async (context, stanza) => {
  const { session, parts, identities } = context;
  if (handled.has(stanza)) return answer(context, stanza);
  handled.add(stanza);
  const upload = read(stanza);
  if (upload === undefined) {
    session.reportViolation("malformed-stanza", "an upload of prekeys is malformed");
    return refuse(context, stanza, "400", "bad-request");
  }
  const { registration, identity, keys } = upload;
  if (keys.some((key) => key.kind !== "ec" && !signedBy(identity, key))) {
    session.reportViolation("bad-prekey", "a prekey is not signed by its owner's identity key");
    return refuse(context, stanza, "406", "not-acceptable");
  }
  const { id } = session.account;
  const reused = new HttpError(409, "reused", "a prekey id came again");
  try {
    await parts.commits.commit(() => {
      const previous = identities.get(id);
      // A new identity key means a new installation: the old one's prekeys go.
      if (previous !== undefined && Buffer.compare(previous.identity, identity) !== 0)
        parts.heldPrekeys.forget(session.jid);
      identities.set(id, registration, identity);
      for (const key of keys) if (!parts.heldPrekeys.put(session.jid, key, session.id)) throw reused;
    });
  } catch (cause) {
    if (cause !== reused) throw cause;
    session.reportViolation("reused-prekey", "a prekey id was used before for another key");
    return refuse(context, stanza, "409", "conflict");
  }
  answer(context, stanza);
};

/** `<iq xmlns="encrypt" type="get">`: key bundles of persons, or how many one-time keys of the asker are left. */
export const fetchPrekeys: IqHandler = async (context, stanza) => {
  const { session, parts } = context;
  if (child(stanza, "count") !== undefined) {
    const { ec, kyber } = parts.heldPrekeys.count(session.jid);
    return answer(context, stanza, [node("count", { value: String(ec), kyber: String(kyber) })]);
  }
  const wanted = child(stanza, "key");
  const users = wanted === undefined ? [] : children(wanted, "user");
  if (users.length === 0 || users.length > mostUsers) {
    session.reportViolation("malformed-stanza", "a request for prekeys names nobody, or too many");
    return refuse(context, stanza, "400", "bad-request");
  }
  const bundles = await parts.commits.commit(() =>
    users.map(({ attrs }) => bundleNode(context, attrs["jid"] ?? "")),
  );
  answer(context, stanza, [node("list", {}, bundles)]);
};

/** `<user>` with the key bundle of a person, or of a user who is in a group with the asker. To be called inside a commit. */
function bundleNode(context: Parameters<IqHandler>[0], jid: string): Node {
  const bundle = bundleOf(context, jid);
  if (bundle === undefined)
    return node("user", { jid }, [node("error", { code: "404", text: "item-not-found" })]);
  return node("user", { jid }, [registrationNode(bundle.registration), ...keyNodes(bundle)]);
}

function bundleOf(
  { session, people, parts, identities, groups }: Parameters<IqHandler>[0],
  jid: string,
): Bundle | undefined {
  const { account } = session;
  const who = groups.named(account.network, jid);
  if (who === undefined) return undefined;
  const names = who.kind === "person" ? who.person.names : [jid];
  const target = faultTarget(account, "from_bridge", "iq", names);
  const exhausted = parts.faults.hit(["prekeys-exhausted"], target) !== undefined;
  if (who.kind === "person") return people.bundle(who.person, exhausted);
  const shared = groups
    .of(who)
    .some((group) => groups.member(group, { kind: "user", account }) !== undefined);
  const identity = shared ? identities.get(who.account.id) : undefined;
  const keys = identity && parts.heldPrekeys.handOut(jid, exhausted);
  return identity && keys && { ...identity, ...keys };
}
