import type { BridgeError } from "../../../core/model/errors.ts";
import type { ChatId } from "../../../core/model/ids.ts";
import { faultOf } from "../../../core/ports/log.ts";
import type { Writes } from "../../../core/ports/store.ts";
import { distributionOf, encryptForAll } from "../../../signal-protocol/sender-keys.ts";
import type { Connection } from "../connection/connection.ts";
import { shapeOf } from "../convert/stanza-shape.ts";
import type { LoginContext } from "../session/login-context.ts";
import { heldBack, isCertainRefusal, type OutgoingJob } from "../session/outgoing-messages.ts";
import { errorCode, wholeNumber } from "../wire/attributes.ts";
import { participantKeysNode } from "../wire/group-messages.ts";
import { membersHash } from "../wire/groups.ts";
import { bytes, child, type Node, node } from "../wire/node.ts";
import { pad } from "../wire/padding.ts";
import { encodePlaintext } from "../wire/plaintext.ts";
import type { Group, GroupDirectory } from "./group-directory.ts";
import type { GroupKeys } from "./group-keys.ts";
import { groupMessageRefused } from "./group-refusals.ts";
import { readSealedGroup, writeSealedGroup } from "./sealed-group-message.ts";

/** The longest time, in seconds, that a network can make a message wait. */
const LONGEST_WAIT = 3_600;

interface GroupSenderParts {
  readonly context: LoginContext;
  readonly directory: GroupDirectory;
  readonly keys: GroupKeys;
}

/** Sends our person's messages to groups: each encrypted once for all, in one stanza. */
export class GroupSender {
  readonly #parts: GroupSenderParts;
  /** By group the hash for which the members were asked last: they are not asked for it again. */
  readonly #asked = new Map<ChatId, string>();

  constructor(parts: GroupSenderParts) {
    this.#parts = parts;
  }

  /**
   * Sends messages of one group in order. Each stanza is stored with the ratchet steps that it took before it leaves.
   * Resolves when all have left; each job resolves when the network has taken its message.
   */
  async send(chat: ChatId, jobs: readonly OutgoingJob[]): Promise<void> {
    let isBlocked = false;
    for (const job of jobs) {
      try {
        if (isBlocked) throw heldBack();
        await this.#sendOne(chat, job);
      } catch (error) {
        job.reject(error);
        isBlocked = !isCertainRefusal(error);
      }
    }
  }

  async #sendOne(chat: ChatId, job: OutgoingJob): Promise<void> {
    const { context, directory } = this.#parts;
    const connection = await job.connection();
    const group = await directory.known(chat, () => connection);
    const stanza = this.#sealedBefore(group, job) ?? (await this.#seal(group, job, connection));
    context.acks.deliver(connection, context.login, stanza).then(
      (ack) => this.#settle(group, job, ack, connection),
      (error: unknown) => job.reject(error),
    );
  }

  /** The stanza of an earlier try, while its key is the group's. */
  #sealedBefore({ about }: Group, { journal }: OutgoingJob): Node | undefined {
    const stanza = journal.sealed && readSealedGroup(journal.sealed);
    const enc = stanza && child(stanza, "enc");
    const ciphertext = enc && bytes(enc);
    const distribution = ciphertext && distributionOf(ciphertext);
    return distribution !== undefined && distribution === about.distribution ? stanza : undefined;
  }

  async #seal(group: Group, job: OutgoingJob, connection: Connection): Promise<Node> {
    const stanza = await this.#sealOnce(group, job, connection);
    if (stanza) return stanza;
    // Somebody's identity changed: all get another sender key.
    return this.#seal(await this.#parts.directory.known(group.chat, () => connection), job, connection);
  }

  async #sealOnce(group: Group, job: OutgoingJob, connection: Connection): Promise<Node | undefined> {
    const { context, keys } = this.#parts;
    const { profile, signal, own } = context;
    const { plaintext, record } = job.prepared;
    const lacking = keys.lacking(group, connection);
    const bundles = lacking.length === 0 ? new Map() : await keys.bundlesFor(lacking, connection);
    using work = await signal.begin(own, ...lacking.map(({ person }) => person));
    const given = await keys.give(work, group, lacking, bundles);
    if (!given) return undefined;
    const padded = pad(encodePlaintext(profile.plaintext, plaintext));
    const ciphertext = await encryptForAll(work, given.distribution, padded);
    if (!ciphertext) throw new Error("a sender key that was just given is not there");
    const { mediatype, edit, type } = shapeOf(plaintext);
    const phash = hashOf(group);
    const stanza = node("message", { id: job.id, to: group.chat, type, edit, phash }, [
      ...participantKeysNode(given.keys),
      node("enc", { v: profile.encVersion, type: "skmsg", mediatype }, ciphertext),
    ]);
    const ratchets = work.record();
    // Told before that is stored: it may be told again, and is said once.
    await context.sink.unreached(group.chat, given.without);
    await job.journal.seal(writeSealedGroup(stanza), (tx: Writes) => {
      ratchets(tx);
      given.record(tx);
      record(tx);
    });
    work.publish();
    return stanza;
  }

  #settle(group: Group, job: OutgoingJob, ack: Node, connection: Connection): void {
    const refusal = refusalIn(ack, this.#parts.context.profile.name);
    if (refusal) return job.reject(refusal);
    job.resolve();
    const { phash } = ack.attrs;
    if (phash !== undefined) void this.#refresh(group.chat, phash, connection);
  }

  /**
   * The gatekeeper knows other members than we do. Whoever came since asks for the message, and gets the key with it or
   * with the next one.
   */
  async #refresh(chat: ChatId, phash: string, connection: Connection): Promise<void> {
    const { context, directory } = this.#parts;
    try {
      const known = await directory.stored(chat);
      if (this.#asked.get(chat) === phash || (known && hashOf(known) === phash)) return;
      this.#asked.set(chat, phash);
      await directory.refresh(chat, connection);
    } catch (error) {
      this.#asked.delete(chat);
      context.log.warn("a group's members could not be fetched", { login: context.login, ...faultOf(error) });
    }
  }
}

const hashOf = ({ members }: Group): string => membersHash(members.map(({ person }) => person));

function refusalIn({ attrs }: Node, network: string): BridgeError | undefined {
  const code = attrs["error"];
  if (code === undefined) return undefined;
  const seconds = wholeNumber(attrs["retry_after"], LONGEST_WAIT);
  return groupMessageRefused(errorCode(code), network, seconds === undefined ? undefined : seconds * 1_000);
}
