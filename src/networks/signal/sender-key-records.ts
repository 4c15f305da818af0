import type { ChatId, LoginId, PersonId } from "../../core/model/ids.ts";

/** Of a login in a group: the key by which all members' devices read what it sends to all at once. */
export interface GroupSenderKey {
  /** A UUID of our choice, which names the key to them. */
  readonly distribution: string;
  /** Every device that may have it. */
  readonly holders: readonly KeyHolder[];
}

export interface KeyHolder {
  readonly person: PersonId;
  readonly device: number;
  /** By which it is known to be the same device still. */
  readonly mark: string;
  /** Whether the server took the message by which it got the key. */
  readonly isReached: boolean;
}

export interface SenderKeyReads {
  senderKey(login: LoginId, chat: ChatId): Promise<GroupSenderKey | undefined>;
}

export interface SenderKeyWrites {
  /** Another key takes the place of the group's: nobody has it. */
  renewSenderKey(login: LoginId, chat: ChatId, distribution: string): void;
  /** These devices of a person, in the place of those before, are about to get the key; they are not reached yet. */
  giveSenderKey(
    login: LoginId,
    chat: ChatId,
    person: PersonId,
    devices: readonly Pick<KeyHolder, "device" | "mark">[],
  ): void;
  /** The devices that a person was given the key on have it. */
  reachedWithSenderKey(login: LoginId, chat: ChatId, person: PersonId): void;
  /** A person's devices are to get the keys of all groups once more. */
  giveSenderKeysAgain(login: LoginId, person: PersonId): void;
}
