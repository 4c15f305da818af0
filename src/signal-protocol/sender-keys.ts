import {
  groupDecrypt,
  groupEncrypt,
  ProtocolAddress,
  processSenderKeyDistributionMessage,
  SenderKeyDistributionMessage,
} from "@signalapp/libsignal-client";
import { arrayBytes } from "./array-bytes.ts";
import { type Decrypted, outcomeOf } from "./decrypted.ts";
import { isWithoutSenderKey } from "./libsignal-errors.ts";
import type { DeviceAddress } from "./signal-records.ts";
import type { SignalTransaction } from "./signal-transaction.ts";

/**
 * Our own sender key of a distribution, made where there is none: what a device needs to read what is encrypted with it
 * from now on. It is sent to each in a message of its own, and committed before.
 */
export async function distributeSenderKey(
  work: SignalTransaction,
  distribution: string,
): Promise<Uint8Array> {
  const { local } = work;
  const step = await work.step(local.name(), (its) =>
    SenderKeyDistributionMessage.create(local, distribution, its),
  );
  if (step.kind === "failed") throw step.error;
  return step.value.serialize();
}

/** Encrypts once for all who were given our key of the distribution; undefined where there is none yet. */
export async function encryptForAll(
  work: SignalTransaction,
  distribution: string,
  plaintext: Uint8Array,
): Promise<Uint8Array | undefined> {
  const { local } = work;
  const step = await work.step(local.name(), (its) =>
    groupEncrypt(local, distribution, its, arrayBytes(plaintext)),
  );
  if (step.kind === "done") return step.value.serialize();
  if (isWithoutSenderKey(step.error)) return undefined;
  throw step.error;
}

/** Keeps a device's sender key, as it came in a message of its own; false where it is malformed. */
export async function takeSenderKey(
  work: SignalTransaction,
  sender: DeviceAddress,
  bytes: Uint8Array,
): Promise<boolean> {
  const from = ProtocolAddress.new(sender.name, sender.device);
  const step = await work.step(sender.name, async (its) =>
    processSenderKeyDistributionMessage(
      from,
      SenderKeyDistributionMessage.deserialize(arrayBytes(bytes)),
      its,
    ),
  );
  return step.kind === "done";
}

/** What a device encrypted with a sender key it gave us before. Rejects only where the store fails. */
export async function decryptFromOne(
  work: SignalTransaction,
  sender: DeviceAddress,
  bytes: Uint8Array,
): Promise<Decrypted> {
  const from = ProtocolAddress.new(sender.name, sender.device);
  return outcomeOf(await work.step(sender.name, (its) => groupDecrypt(from, its, arrayBytes(bytes))));
}
