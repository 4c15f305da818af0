import type { ChatId, PersonId } from "../../../core/model/ids.ts";
import type { Writes } from "../../../core/ports/store.ts";
import type { Decrypted } from "../../../signal-protocol/decrypted.ts";
import {
  decryptFromOne,
  distributionGiven,
  distributionOf,
  takeSenderKey,
} from "../../../signal-protocol/sender-keys.ts";
import type { SignalTransaction } from "../../../signal-protocol/signal-transaction.ts";
import { interopGroups } from "../group-records.ts";
import { groupOf } from "../ids.ts";
import { senderKeyIn } from "../wire/group-messages.ts";
import { unpad } from "../wire/padding.ts";
import { decodePlaintext } from "../wire/plaintext.ts";
import type { PlaintextFormat, SenderKey } from "../wire/plaintext-kinds.ts";
import { deviceOf } from "./device-address.ts";
import type { LoginContext } from "./login-context.ts";

/** A sender key in a plaintext; `alone`: without content beside it. Undefined where there is none. */
function senderKeyOf(
  format: PlaintextFormat,
  padded: Uint8Array,
): (SenderKey & { readonly alone: boolean }) | undefined {
  try {
    const plaintext = unpad(padded);
    const key = senderKeyIn(format, plaintext);
    return key && { ...key, alone: decodePlaintext(format, plaintext).kind === "senderKey" };
  } catch {
    return undefined;
  }
}

/**
 * The sender keys that members give us in one unit of work. A key is for the group that its member named, end to end
 * encrypted: what it encrypts counts in no other group.
 */
export class ReceivedKeys {
  readonly #context: Pick<LoginContext, "profile" | "store" | "login" | "log">;
  readonly #taken = new Map<
    string,
    { readonly member: PersonId; readonly distribution: string; readonly chat: ChatId }
  >();

  constructor(context: Pick<LoginContext, "profile" | "store" | "login" | "log">) {
    this.#context = context;
  }

  /** Takes the key that a plaintext has, if any; `alone`: it has no content beside. */
  async takeFrom(
    work: SignalTransaction,
    member: PersonId,
    padded: Uint8Array,
  ): Promise<{ readonly alone: boolean } | undefined> {
    const key = senderKeyOf(this.#context.profile.plaintext, padded);
    if (key) await this.#take(work, member, key);
    return key;
  }

  async #take(work: SignalTransaction, member: PersonId, key: SenderKey): Promise<void> {
    const { log, login } = this.#context;
    const chat = groupOf(key.group);
    const distribution = distributionGiven(key.distribution);
    const bound = distribution === undefined ? undefined : await this.#groupOf(member, distribution);
    const fits = chat !== undefined && (bound === undefined || bound === chat);
    if (
      distribution === undefined ||
      !fits ||
      !(await takeSenderKey(work, deviceOf(member), key.distribution))
    ) {
      log.warn("a sender key could not be used", { login });
      return;
    }
    this.#taken.set(`${member} ${distribution}`, { member, distribution, chat });
  }

  /** Decrypts what a member encrypted for all of a group, with a key that they gave us for that group. */
  async decrypt(
    work: SignalTransaction,
    member: PersonId,
    chat: ChatId,
    ciphertext: Uint8Array,
  ): Promise<Decrypted> {
    const distribution = distributionOf(ciphertext);
    if (distribution === undefined) return { kind: "undecryptable", reason: "malformed" };
    if ((await this.#groupOf(member, distribution)) !== chat)
      return { kind: "undecryptable", reason: "no sender key for this group" };
    return decryptFromOne(work, deviceOf(member), ciphertext);
  }

  record(tx: Writes): void {
    const { login } = this.#context;
    for (const { member, distribution, chat } of this.#taken.values())
      tx.family(interopGroups).addKey(login, member, distribution, chat);
  }

  async #groupOf(member: PersonId, distribution: string): Promise<ChatId | undefined> {
    const { store, login } = this.#context;
    return (
      this.#taken.get(`${member} ${distribution}`)?.chat ??
      (await store.family(interopGroups).groupOfKey(login, member, distribution))
    );
  }
}
