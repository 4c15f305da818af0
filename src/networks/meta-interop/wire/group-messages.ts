import { parseJid } from "./jid.ts";
import { senderKeyInMessenger } from "./messenger-decode.ts";
import { child, children, type Node, node } from "./node.ts";
import { encodePlaintext } from "./plaintext.ts";
import type { PlaintextFormat, SenderKey } from "./plaintext-kinds.ts";
import { senderKeyInWhatsapp } from "./whatsapp-decode.ts";

/** The sender key in a plaintext, which may stand beside content. Throws `protobuf`. */
export function senderKeyIn(format: PlaintextFormat, plaintext: Uint8Array): SenderKey | undefined {
  return format === "whatsapp" ? senderKeyInWhatsapp(plaintext) : senderKeyInMessenger(plaintext);
}

/** An encoded plaintext with a sender key beside its content: protobufs that follow one another are merged. */
export function withSenderKey(format: PlaintextFormat, plaintext: Uint8Array, key: SenderKey): Uint8Array {
  return Buffer.concat([plaintext, encodePlaintext(format, { kind: "senderKey", ...key })]);
}

/** What one member is sent beside the message for all: the sender key, encrypted for that member. */
interface KeyForMember {
  readonly jid: string;
  readonly enc: Node;
}

/** `<participants>`: the sender key for the members who lack it. None where everybody has it. */
export function participantKeysNode(keys: readonly KeyForMember[]): readonly Node[] {
  if (keys.length === 0) return [];
  return [
    node(
      "participants",
      {},
      keys.map(({ jid, enc }) => node("to", { jid }, [enc])),
    ),
  ];
}

/** What `<participants>` of a message has for each member; entries without an address or ciphertext are left out. */
export function participantKeysIn(message: Node): readonly KeyForMember[] {
  const participants = child(message, "participants");
  return (participants ? children(participants, "to") : []).flatMap((to) => {
    const { jid } = to.attrs;
    const enc = child(to, "enc");
    return jid !== undefined && enc && parseJid(jid) ? [{ jid, enc }] : [];
  });
}
