import type { PersonId } from "../../../core/model/ids.ts";
import { type UnsealedMessage, unseal } from "../../../signal-protocol/sealed-sender.ts";
import type { AccountKey, DeviceAddress } from "../../../signal-protocol/signal-records.ts";
import { personOf } from "../ids.ts";
import type { LoginContext } from "../login-context.ts";
import { decodeEnvelope, type Envelope } from "../wire/envelope.ts";
import type { ServiceId } from "../wire/service-id.ts";

/** A message whose sender is known, and which is still encrypted. */
export interface OpenedMessage {
  readonly kind: "message";
  /** Which of our identities it is for. */
  readonly account: AccountKey["account"];
  readonly sender: PersonId;
  readonly from: DeviceAddress;
  readonly type: UnsealedMessage["type"];
  readonly bytes: Uint8Array;
  readonly hint: UnsealedMessage["hint"];
  /** The id of the group that it is for, by its sender's word, where that stands outside of what is encrypted. */
  readonly group?: Uint8Array | undefined;
  /** By the sender's clock: the message's name. */
  readonly timestamp: number;
  /** When the server took it: milliseconds since the epoch. */
  readonly at: number;
  /** The identity of our account's new phone number, by the server's word. */
  readonly updatedPni?: ServiceId | undefined;
}

/** What an envelope is, before anything is decrypted. */
export type Opened =
  | OpenedMessage
  /** The server's word that a device has our message of that time. */
  | { readonly kind: "receipt"; readonly sender: PersonId; readonly timestamp: number }
  /** Nothing can be made of it. */
  | { readonly kind: "refused"; readonly timestamp: number | undefined; readonly reason: string };

/** Opens an envelope; `delivered` is when the server handed it out, for one that does not say when it was taken. */
export async function openEnvelope(
  context: Pick<LoginContext, "aci" | "account" | "trustRoots">,
  bytes: Uint8Array,
  delivered: number,
): Promise<Opened> {
  let envelope: Envelope;
  try {
    envelope = decodeEnvelope(bytes);
  } catch {
    return { kind: "refused", timestamp: undefined, reason: "it is malformed" };
  }
  const { type, timestamp, serverTimestamp, source, sourceDevice, content } = envelope;
  const at = serverTimestamp ?? delivered;
  const refused = (reason: string): Opened => ({ kind: "refused", timestamp, reason });
  const { pni } = context.account;
  const isForNumber = pni !== undefined && envelope.destination === `PNI:${pni}`;
  if (type === "sealed") {
    // A sealed message never goes to a number: its sender would not know whose account it is.
    if (isForNumber) return refused("it is sealed for our number");
    const unsealed = await unseal(context.aci.own, content, { trustRoots: context.trustRoots, at });
    if (unsealed.kind === "refused") return refused(unsealed.reason);
    const sender = personOf(unsealed.sender.name);
    if (sender === undefined) return refused("its sender is nobody");
    const { sender: from, type: inner, bytes: ciphertext, hint, group } = unsealed;
    return {
      kind: "message",
      account: "aci",
      sender,
      from,
      type: inner,
      bytes: ciphertext,
      hint,
      group,
      timestamp,
      at,
    };
  }
  const sender = personOf(source);
  if (sender === undefined || source === undefined) return refused("its sender is nobody");
  if (type === "receipt") return { kind: "receipt", sender, timestamp };
  const inner = INNER[type];
  if (inner === undefined || sourceDevice === undefined || sourceDevice > 127)
    return refused("it is of an unknown type or from no device");
  return {
    kind: "message",
    account: isForNumber ? "pni" : "aci",
    sender,
    from: { name: source, device: sourceDevice },
    type: inner,
    bytes: content,
    hint: "resendable",
    timestamp,
    at,
    updatedPni: envelope.updatedPni,
  };
}

const INNER: Readonly<Partial<Record<Envelope["type"], UnsealedMessage["type"]>>> = {
  prekey: "pkmsg",
  ratchet: "msg",
  plaintext: "plaintext",
};
