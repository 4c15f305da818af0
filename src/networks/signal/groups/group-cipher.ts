import { Aci, ServiceId } from "@signalapp/libsignal-client";
import {
  ClientZkGroupCipher,
  GroupMasterKey,
  GroupSecretParams,
  ProfileKeyCiphertext,
  UuidCiphertext,
} from "@signalapp/libsignal-client/dist/zkgroup/index.js";
import type { ChatId, PersonId } from "../../../core/model/ids.ts";
import { groupChat, isNumberOnly, personOf, serviceIdOf } from "../ids.ts";
import { GroupAttributeBlobSchema } from "../wire/gen/groups_pb.js";
import { decodeProtobuf, decodeWhole } from "../wire/protobuf.ts";

/** Bytes of a master key. */
const MASTER_KEY = 32;

type BlobContent = ReturnType<typeof decodeBlob>["content"];

/** Opens what Signal's server stores of a group, which it cannot read itself. */
export class GroupCipher {
  readonly chat: ChatId;
  /** 32 bytes. */
  readonly id: Uint8Array<ArrayBuffer>;
  readonly secret: GroupSecretParams;
  readonly #cipher: ClientZkGroupCipher;

  private constructor(masterKey: Uint8Array) {
    this.secret = GroupSecretParams.deriveFromMasterKey(new GroupMasterKey(Uint8Array.from(masterKey)));
    this.id = this.secret.getPublicParams().getGroupIdentifier().serialize();
    this.chat = groupChat(this.id);
    this.#cipher = new ClientZkGroupCipher(this.secret);
  }

  /** Undefined where the key has another length than one. */
  static of(masterKey: Uint8Array): GroupCipher | undefined {
    return masterKey.length === MASTER_KEY ? new GroupCipher(masterKey) : undefined;
  }

  /** By which the server knows the group. */
  get publicParams(): Uint8Array<ArrayBuffer> {
    return Uint8Array.from(this.secret.getPublicParams().serialize());
  }

  /** Whether a group's state names this group. */
  hasPublicParams(publicParams: Uint8Array): boolean {
    return Buffer.compare(this.publicParams, publicParams) === 0;
  }

  /** Undefined for what is nobody's. */
  person(ciphertext: Uint8Array): PersonId | undefined {
    const id = opened(() => this.#cipher.decryptServiceId(new UuidCiphertext(Uint8Array.from(ciphertext))));
    return id && personOf(id.getServiceIdString());
  }

  userId(person: PersonId): Uint8Array<ArrayBuffer> {
    const id = ServiceId.parseFromServiceIdString(serviceIdOf(person));
    return this.#cipher.encryptServiceId(id).serialize();
  }

  /** Of an account, 32 bytes in base64; empty where it cannot be read. */
  profileKey(ciphertext: Uint8Array, person: PersonId): string {
    if (ciphertext.length === 0 || isNumberOnly(person)) return "";
    const key = opened(() => {
      const aci = Aci.parseFromServiceIdString(serviceIdOf(person));
      return this.#cipher.decryptProfileKey(new ProfileKeyCiphertext(Uint8Array.from(ciphertext)), aci);
    });
    return key ? Buffer.from(key.serialize()).toString("base64") : "";
  }

  /** What stands in an attribute of the group; undefined where it is empty or cannot be read. */
  blob(ciphertext: Uint8Array): BlobContent | undefined {
    if (ciphertext.length === 0) return undefined;
    return opened(() => decodeBlob(this.#cipher.decryptBlob(Uint8Array.from(ciphertext))).content);
  }

  /** A group's picture; undefined where it is another's. */
  picture(sealed: Uint8Array): Uint8Array | undefined {
    const content = opened(
      () => decodeWhole(GroupAttributeBlobSchema, this.#cipher.decryptBlob(Uint8Array.from(sealed))).content,
    );
    return content?.case === "avatar" ? content.value : undefined;
  }

  sealBlob(plaintext: Uint8Array): Uint8Array<ArrayBuffer> {
    return this.#cipher.encryptBlob(Uint8Array.from(plaintext));
  }
}

const decodeBlob = (bytes: Uint8Array) => decodeProtobuf(GroupAttributeBlobSchema, bytes);

/** What somebody else encrypted may be anything. */
function opened<Value>(open: () => Value): Value | undefined {
  try {
    return open();
  } catch {
    return undefined;
  }
}
