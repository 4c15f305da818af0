import type { PersonId } from "../../../core/model/ids.ts";
import { envelopeOf } from "../convert/envelope.ts";
import { unsupported } from "../convert/to-bridge.ts";
import { usableId } from "../wire/attributes.ts";
import { bytes, children } from "../wire/node.ts";
import { deviceOf } from "./device-address.ts";
import type { LoginContext } from "./login-context.ts";
import {
  ciphertextType,
  handleDecrypted,
  type IncomingJob,
  type ReceiveBatch,
  receiveAll,
  receiveBatch,
  tellIdentity,
} from "./receive-batch.ts";
import { ReceivedKeys } from "./received-keys.ts";

/** Decrypts messages of one sender, see {@link receiveAll}. */
export async function receiveMessages(
  context: LoginContext,
  sender: PersonId,
  jobs: readonly IncomingJob[],
): Promise<void> {
  using work = await context.signal.begin(sender);
  const batch = receiveBatch(work, new ReceivedKeys(context));
  await receiveAll(context, batch, jobs, async () => {
    for (const job of jobs) await receiveOne(context, batch, sender, job);
  });
}

async function receiveOne(
  context: LoginContext,
  batch: ReceiveBatch,
  sender: PersonId,
  { stanza, connection }: IncomingJob,
): Promise<void> {
  const envelope = envelopeOf(sender, stanza, context.clock.now());
  if (usableId(stanza.attrs["id"]) === undefined) {
    // Without a usable id no answer or receipt could name the message, so it becomes an event that says so.
    context.log.warn("a message has an id that cannot be used", {
      login: context.login,
      message: envelope.id,
    });
    batch.events.push(unsupported(envelope, "something this bridge cannot read"));
    return;
  }
  const ciphertexts = children(stanza, "enc");
  const [enc] = ciphertexts;
  const type = enc && ciphertextType(enc);
  const ciphertext = enc && bytes(enc);
  if (!type || !ciphertext || ciphertexts.length > 1) {
    batch.events.push(unsupported(envelope, "something this bridge cannot read"));
    return;
  }
  const decrypted = await context.signal.decrypt(batch.work, deviceOf(sender), { type, bytes: ciphertext });
  await tellIdentity(batch, envelope);
  await handleDecrypted(context, batch, { envelope, stanza, connection }, decrypted);
}
