import {
  type CiphertextMessage,
  groupDecrypt,
  groupEncrypt,
  ProtocolAddress,
  processSenderKeyDistributionMessage,
  SenderKeyDistributionMessage,
  SenderKeyMessage,
} from "@signalapp/libsignal-client";
import { arrayBytes } from "./array-bytes.ts";
import { type Decrypted, outcomeOf } from "./decrypted.ts";
import { isWithoutSenderKey } from "./libsignal-errors.ts";
import type { DeviceAddress } from "./signal-records.ts";
import type { SignalTransaction } from "./signal-transaction.ts";

/**
 * The message with our own sender key of a distribution; the key is made where there is none. It lets a device read
 * what is encrypted with the key from then on, is sent to each device in a message of its own, and committed before.
 */
export async function distributeSenderKey(
  work: SignalTransaction,
  distribution: string,
): Promise<Uint8Array> {
  const { local } = work;
  const step = await work.step(local.name(), (stores) =>
    SenderKeyDistributionMessage.create(local, distribution, stores),
  );
  if (step.kind === "failed") throw step.error;
  return step.value.serialize();
}

/** Makes another key of our own for a distribution, which nobody has: who had the one before reads nothing of it. */
export async function renewSenderKey(work: SignalTransaction, distribution: string): Promise<void> {
  const { local } = work;
  const step = await work.step(local.name(), (stores) =>
    SenderKeyDistributionMessage.create(local, distribution, {
      getSenderKey: async () => null,
      saveSenderKey: (...saved) => stores.saveSenderKey(...saved),
    }),
  );
  if (step.kind === "failed") throw step.error;
}

/** As {@link encryptMessageForAll}, as bytes. */
export async function encryptForAll(
  work: SignalTransaction,
  distribution: string,
  plaintext: Uint8Array,
): Promise<Uint8Array | undefined> {
  return (await encryptMessageForAll(work, distribution, plaintext))?.serialize();
}

/** Encrypts once for all devices that have our key of the distribution; undefined where there is no key yet. */
export async function encryptMessageForAll(
  work: SignalTransaction,
  distribution: string,
  plaintext: Uint8Array,
): Promise<CiphertextMessage | undefined> {
  const { local } = work;
  const step = await work.step(local.name(), (stores) =>
    groupEncrypt(local, distribution, stores, arrayBytes(plaintext)),
  );
  if (step.kind === "done") return step.value;
  if (isWithoutSenderKey(step.error)) return undefined;
  throw step.error;
}

/** Stores a device's sender key from its message; false where the message is malformed. */
export async function takeSenderKey(
  work: SignalTransaction,
  sender: DeviceAddress,
  bytes: Uint8Array,
): Promise<boolean> {
  const from = ProtocolAddress.new(sender.name, sender.device);
  const step = await work.step(sender.name, async (stores) =>
    processSenderKeyDistributionMessage(
      from,
      SenderKeyDistributionMessage.deserialize(arrayBytes(bytes)),
      stores,
    ),
  );
  return step.kind === "done";
}

/** Decrypts what a device encrypted with a sender key that it gave us. Rejects only where the store fails. */
export async function decryptFromOne(
  work: SignalTransaction,
  sender: DeviceAddress,
  bytes: Uint8Array,
): Promise<Decrypted> {
  const from = ProtocolAddress.new(sender.name, sender.device);
  return outcomeOf(await work.step(sender.name, (stores) => groupDecrypt(from, stores, arrayBytes(bytes))));
}

/** Which distribution's key encrypted a message; undefined where it is malformed. */
export const distributionOf = (message: Uint8Array): string | undefined =>
  readable(() => SenderKeyMessage.deserialize(arrayBytes(message)).distributionId());

/** The distribution whose key a message of {@link distributeSenderKey} has; undefined where it is malformed. */
export const distributionGiven = (message: Uint8Array): string | undefined =>
  readable(() => SenderKeyDistributionMessage.deserialize(arrayBytes(message)).distributionId());

function readable<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
