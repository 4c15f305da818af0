import { type Node, node } from "../../networks/meta-interop/wire/node.ts";
import { encodeStanza } from "../../networks/meta-interop/wire/stanza-encode.ts";
import type { NetworkName } from "../config.ts";
import type { OutgoingStanza } from "../state/mailbox.ts";
import { encVersion } from "../state/outgoing-stanzas.ts";
import { seconds } from "../state/server-time.ts";

export interface Ciphertext {
  readonly type: "pkmsg" | "msg" | "skmsg";
  readonly bytes: Uint8Array;
}

export const encNode = (network: NetworkName, { type, bytes }: Ciphertext): Node =>
  node("enc", { v: encVersion[network], type }, bytes);

interface FromMember {
  readonly account: number;
  /** The group's JID. */
  readonly group: string;
  /** The member's JID. */
  readonly participant: string;
}

/** `<message>` of a member to an integrator's user: what only that one reads first, then what is for all. */
export function groupMessageStanza(
  of: FromMember & {
    readonly id: string;
    readonly name: string;
    readonly type: string;
    readonly edit?: string | undefined;
    readonly sts: number;
    readonly encs: readonly Node[];
    readonly load?: number | null;
  },
): OutgoingStanza {
  const { account, group, participant, id, name, type, edit, sts, encs, load } = of;
  const attrs = { id, from: group, participant, t: seconds(sts), sts: String(sts), type, edit };
  const stanza = encodeStanza(node("message", { ...attrs, display_name: name }, encs));
  return { account, class: "message", id, peer: group, type: "", stanza, load: load ?? null };
}

/** `<receipt>` of a member for a message of an integrator's user; `type` is empty for delivered. */
export function groupReceiptStanza(
  of: FromMember & {
    readonly id: string;
    readonly type: string;
    readonly at: number;
    readonly children?: readonly Node[];
  },
): OutgoingStanza {
  const { account, group, participant, id, type, at } = of;
  const attrs = { id, from: group, participant, type: type === "" ? undefined : type, t: seconds(at) };
  const stanza = encodeStanza(node("receipt", attrs, of.children));
  return { account, class: "receipt", id, peer: group, type, stanza };
}

/** `<notification type="w:gp2">`: a group has changed. */
export function groupNotificationStanza(
  of: FromMember & { readonly id: string; readonly at: number; readonly children: readonly Node[] },
): OutgoingStanza {
  const { account, group, participant, id, at, children } = of;
  const attrs = { id, type: "w:gp2", from: group, participant, t: seconds(at) };
  const stanza = encodeStanza(node("notification", attrs, children));
  return { account, class: "notification", id, peer: group, type: "w:gp2", stanza };
}
