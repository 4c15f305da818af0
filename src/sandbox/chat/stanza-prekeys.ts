import { child, children, type Node, node } from "../../networks/meta-interop/wire/node.ts";
import { occasion } from "../faults/fault-target.ts";
import { HttpError } from "../http/http-error.ts";
import { signedBy } from "../phone/signal-bundle.ts";
import { keyNodes, readIdentity, readPrekey, readUint, registrationNode } from "../state/bundle-stanza.ts";
import type { PublicPrekey } from "../state/held-prekeys.ts";
import { answer, type IqHandler, refuse } from "./iq.ts";

const mostKeys = 2048;
const mostUsers = 256;

/** A fault that duplicates a stanza is not the client's second use of a key. */
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

/** `<iq xmlns="encrypt" type="set">`: a first upload or a top-up; all of it is kept, or none. */
export const uploadPrekeys: IqHandler = async (context, stanza) => {
  const { session, parts, identities } = context;
  if (handled.has(stanza)) return answer(context, stanza);
  handled.add(stanza);
  const upload = read(stanza);
  if (upload === undefined) {
    session.breach("malformed-stanza", "an upload of prekeys is malformed");
    return refuse(context, stanza, "400", "bad-request");
  }
  const { registration, identity, keys } = upload;
  if (keys.some((key) => key.kind !== "ec" && !signedBy(identity, key))) {
    session.breach("bad-prekey", "a prekey is not signed by its owner's identity key");
    return refuse(context, stanza, "406", "not-acceptable");
  }
  const { id } = session.account;
  const reused = new HttpError(409, "reused", "a prekey id came again");
  try {
    await parts.commits.commit(() => {
      const known = identities.get(id);
      // A new identity starts from nothing, as a new installation does.
      if (known !== undefined && Buffer.compare(known.identity, identity) !== 0)
        parts.held.forget(session.jid);
      identities.set(id, registration, identity);
      for (const key of keys) if (!parts.held.put(session.jid, key, session.id)) throw reused;
    });
  } catch (cause) {
    if (cause !== reused) throw cause;
    session.breach("reused-prekey", "a prekey id was used before for another key");
    return refuse(context, stanza, "409", "conflict");
  }
  answer(context, stanza);
};

/** `<iq xmlns="encrypt" type="get">`: bundles of persons, or how many one-time keys of one's own are left. */
export const fetchPrekeys: IqHandler = async (context, stanza) => {
  const { session, parts } = context;
  if (child(stanza, "count") !== undefined) {
    const { ec, kyber } = parts.held.count(session.jid);
    return answer(context, stanza, [node("count", { value: String(ec), kyber: String(kyber) })]);
  }
  const wanted = child(stanza, "key");
  const users = wanted === undefined ? [] : children(wanted, "user");
  if (users.length === 0 || users.length > mostUsers) {
    session.breach("malformed-stanza", "a request for prekeys names nobody, or too many");
    return refuse(context, stanza, "400", "bad-request");
  }
  const bundles = await parts.commits.commit(() =>
    users.map(({ attrs }) => take(context, attrs["jid"] ?? "")),
  );
  answer(context, stanza, [node("list", {}, bundles)]);
};

/** Inside a commit. */
function take({ session, people, parts }: Parameters<IqHandler>[0], jid: string): Node {
  const { account } = session;
  const { network } = account;
  const person = people.byJid(jid);
  const missing = node("user", { jid }, [node("error", { code: "404", text: "item-not-found" })]);
  if (person === undefined || person.row.network !== network) return missing;
  const asked = occasion(account, "from_bridge", "iq", person.names);
  const exhausted = parts.faults.take(["prekeys-exhausted"], asked) !== undefined;
  const bundle = people.bundle(person, exhausted);
  if (bundle === undefined) return missing;
  return node("user", { jid }, [registrationNode(bundle.registration), ...keyNodes(bundle)]);
}
