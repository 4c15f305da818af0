import { randomBytes } from "node:crypto";
import { type Node, node } from "../../networks/meta-interop/wire/node.ts";
import { encodeStanza } from "../../networks/meta-interop/wire/stanza-encode.ts";
import type { NetworkName } from "../config.ts";
import type { OutgoingStanza } from "./mailbox.ts";
import { seconds } from "./server-time.ts";

/** The name a network's server has on the wire. */
export const serverOf: Record<NetworkName, string> = { whatsapp: "s.whatsapp.net", messenger: "msgr" };
/** The version of `<enc>` on a network. */
export const encVersion: Record<NetworkName, string> = { whatsapp: "2", messenger: "3" };

export const stanzaId = (): string => randomBytes(8).toString("hex").toUpperCase();

/** `<message>`: a person's message to an integrator's user. */
export function messageStanza(of: {
  readonly account: number;
  readonly id: string;
  readonly from: string;
  readonly name: string;
  readonly network: NetworkName;
  readonly type: string;
  readonly sts: number;
  readonly ciphertext: { readonly type: "pkmsg" | "msg"; readonly bytes: Uint8Array };
  readonly load?: number | null;
}): OutgoingStanza {
  const { account, id, from, name, network, type, sts, ciphertext, load } = of;
  const enc = node("enc", { v: encVersion[network], type: ciphertext.type }, ciphertext.bytes);
  const attrs = { id, from, t: seconds(sts), sts: String(sts), type, display_name: name };
  const stanza = encodeStanza(node("message", attrs, [enc]));
  return { account, class: "message", id, peer: from, type: "", stanza, load: load ?? null };
}

/** `<receipt>`; `type` is empty for delivered. */
export function receiptStanza(of: {
  readonly account: number;
  readonly id: string;
  readonly from: string;
  readonly type: "" | "read" | "played" | "retry";
  readonly at: number;
  readonly children?: readonly Node[];
}): OutgoingStanza {
  const { account, id, from, type, at } = of;
  const attrs = { id, from, type: type === "" ? undefined : type, t: seconds(at) };
  const stanza = encodeStanza(node("receipt", attrs, of.children));
  return { account, class: "receipt", id, peer: from, type, stanza };
}

/** `<call>` with an `<offer>`: a person calls an integrator's user, who cannot answer. */
export function callStanza(of: {
  readonly account: number;
  readonly id: string;
  readonly from: string;
  readonly name: string;
  readonly at: number;
}): OutgoingStanza {
  const { account, id, from, name, at } = of;
  const offer = node("offer", { "call-id": id, "call-creator": from });
  const stanza = encodeStanza(node("call", { id, from, t: seconds(at), display_name: name }, [offer]));
  return { account, class: "call", id, peer: from, type: "", stanza };
}

/** `<notification>`: the network tells a user about a person or itself (`w:interop`), or that prekeys run low (`encrypt`). */
export function notificationStanza(of: {
  readonly account: number;
  readonly network: NetworkName;
  readonly type: "w:interop" | "encrypt";
  readonly at: number;
  readonly child: Node;
}): OutgoingStanza {
  const { account, network, type, at, child } = of;
  const id = stanzaId();
  const from = serverOf[network];
  const stanza = encodeStanza(node("notification", { id, type, from, t: seconds(at) }, [child]));
  return { account, class: "notification", id, peer: from, type, stanza };
}
