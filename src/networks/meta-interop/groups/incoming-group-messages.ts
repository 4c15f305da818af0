import { BridgeError } from "../../../core/model/errors.ts";
import type { ChatId, PersonId } from "../../../core/model/ids.ts";
import { faultOf } from "../../../core/ports/log.ts";
import { type Envelope, envelopeOf } from "../convert/envelope.ts";
import { unsupported } from "../convert/to-bridge.ts";
import { memberOf } from "../ids.ts";
import { deviceOf } from "../session/device-address.ts";
import type { LoginContext } from "../session/login-context.ts";
import {
  acknowledge,
  ciphertextType,
  closeUnstored,
  handleDecrypted,
  type IncomingJob,
  type ReceiveBatch,
  receiveAll,
  receiveBatch,
  tellIdentity,
} from "../session/receive-batch.ts";
import { ReceivedKeys } from "../session/received-keys.ts";
import { usableId } from "../wire/attributes.ts";
import { bytes, children } from "../wire/node.ts";
import { MOST_MEMBERS } from "./group-description.ts";
import type { Group, GroupDirectory } from "./group-directory.ts";

interface FromMember {
  readonly job: IncomingJob;
  readonly envelope: Envelope;
}

/**
 * Decrypts messages of one group, in the order they came: what is for us alone first, as it may have the sender's key,
 * then what is for all. What does not come from a member is dropped.
 */
export async function receiveGroupMessages(
  context: LoginContext,
  directory: GroupDirectory,
  chat: ChatId,
  jobs: readonly IncomingJob[],
): Promise<void> {
  let admitted: { readonly group: Group; readonly messages: readonly FromMember[] } | undefined;
  try {
    admitted = await ofMembers(context, directory, chat, jobs);
  } catch (error) {
    return closeUnstored(context, jobs, error);
  }
  if (!admitted) return acknowledge(jobs);
  const { group, messages } = admitted;
  const names = new Map(group.members.map(({ person, name }) => [person, name]));
  using work = await context.signal.begin(...new Set(messages.map(({ envelope }) => envelope.sender)));
  const batch = receiveBatch(work, new ReceivedKeys(context), names);
  await receiveAll(context, batch, jobs, async () => {
    for (const message of messages) await receiveOne(context, batch, chat, message);
  });
}

/** The messages of members; undefined where our person is not in the group. */
async function ofMembers(
  context: LoginContext,
  directory: GroupDirectory,
  chat: ChatId,
  jobs: readonly IncomingJob[],
) {
  const { profile, clock, log, login } = context;
  const messages = jobs.flatMap((job): readonly FromMember[] => {
    const sender = memberOf(job.stanza.attrs["participant"], profile.server);
    return sender ? [{ job, envelope: envelopeOf(sender, job.stanza, clock.now(), chat) }] : [];
  });
  const [first] = jobs;
  if (!first) return undefined;
  try {
    let group = await directory.known(chat, () => first.connection);
    if (messages.some(({ envelope }) => !isMember(group, envelope)))
      group = await directory.refreshOften(group, first.connection);
    const admitted = messages.filter(({ envelope }) => isMember(group, envelope));
    if (admitted.length < jobs.length)
      log.warn("messages to a group came from nobody in it", { login, count: jobs.length - admitted.length });
    return { group, messages: admitted };
  } catch (error) {
    if (!(error instanceof BridgeError && error.certain && error.retryAfter === undefined)) throw error;
    log.warn("messages came of a group that our person is not in, or that cannot be read", {
      login,
      ...faultOf(error),
    });
    return undefined;
  }
}

/** Whether the sender is in the group, or was when the message was sent. Of too many members not all are known. */
function isMember({ members, former }: Group, { sender, at }: Envelope): boolean {
  return (
    members.length >= MOST_MEMBERS ||
    members.some(({ person }) => person === sender) ||
    former.some(({ person, leftAt = 0 }) => person === sender && at <= leftAt)
  );
}

async function receiveOne(
  context: LoginContext,
  batch: ReceiveBatch,
  chat: ChatId,
  { job: { stanza, connection }, envelope }: FromMember,
): Promise<void> {
  const { sender } = envelope;
  const encs = children(stanza, "enc");
  const [alone, ...others] = encs.filter((enc) => ciphertextType(enc) !== undefined);
  const [all, ...more] = encs.filter(({ attrs }) => attrs["type"] === "skmsg");
  const unread = encs.length - [alone, all].filter((enc) => enc && bytes(enc)).length;
  if (
    usableId(stanza.attrs["id"]) === undefined ||
    unread > 0 ||
    others.length + more.length > 0 ||
    !(alone ?? all)
  ) {
    batch.events.push(unsupported(envelope, "something this bridge cannot read"));
    return;
  }
  const delivered = { envelope, stanza, connection };
  if (alone) {
    const decrypted = await decryptAlone(context, batch, sender, alone);
    await tellIdentity(batch, envelope);
    if (!all) return handleDecrypted(context, batch, delivered, decrypted);
    if (decrypted.kind === "plaintext") await batch.keys.takeFrom(batch.work, sender, decrypted.bytes);
    else if (decrypted.kind === "undecryptable")
      context.log.warn("a sender key could not be decrypted", {
        login: context.login,
        reason: decrypted.reason,
      });
  }
  const ciphertext = all && bytes(all);
  if (ciphertext)
    await handleDecrypted(
      context,
      batch,
      delivered,
      await batch.keys.decrypt(batch.work, sender, chat, ciphertext),
    );
}

function decryptAlone(
  context: LoginContext,
  batch: ReceiveBatch,
  sender: PersonId,
  enc: Parameters<typeof bytes>[0],
) {
  const ciphertext = { type: ciphertextType(enc) ?? "msg", bytes: bytes(enc) ?? new Uint8Array(0) };
  return context.signal.decrypt(batch.work, deviceOf(sender), ciphertext);
}
