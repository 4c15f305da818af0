import { Aci, Pni, type ServiceId } from "@signalapp/libsignal-client";
import {
  ClientZkGroupCipher,
  GroupMasterKey,
  GroupSecretParams,
  ProfileKey,
  ServerSecretParams,
} from "@signalapp/libsignal-client/dist/zkgroup/index.js";
import type { Proto } from "@signalapp/mock-server";
import { GroupCipher } from "../../../../src/networks/signal/groups/group-cipher.ts";
import { proto } from "../../../../tools/signal-mock/mock-server.ts";
import { type GroupActions, signedChange } from "../../../../tools/signal-mock/signed-change.ts";

type State = Proto.Group.Params;

/** A server of Signal's with zkgroup's own secrets. */
export const secrets = ServerSecretParams.generate();

const EMPTY: Omit<State, "publicKey"> = {
  title: new Uint8Array(),
  avatarUrl: "",
  disappearingMessagesTimer: null,
  accessControl: null,
  version: 0,
  members: [],
  membersPendingProfileKey: [],
  membersPendingAdminApproval: [],
  inviteLinkPassword: null,
  description: null,
  announcementsOnly: false,
  membersBanned: [],
  terminated: false,
};

export const personNumber = (number: number): string =>
  `00000000-0000-4000-8000-${String(number).padStart(12, "0")}`;

/** A group as Signal's server has it: encrypted by zkgroup, written by the mock's own encoder. */
export class ServerGroup {
  readonly secret: GroupSecretParams;
  readonly cipher: GroupCipher;
  readonly zkSecret = secrets;
  readonly privChanges: {
    readonly groupChanges: { groupChange: { actions: Uint8Array }; groupState: State }[];
  };
  readonly #sealed: ClientZkGroupCipher;

  constructor(seed = 1, state: Partial<State> = {}) {
    const masterKey = new Uint8Array(32).fill(seed);
    this.secret = GroupSecretParams.deriveFromMasterKey(new GroupMasterKey(masterKey));
    const cipher = GroupCipher.of(masterKey);
    if (!cipher) throw new Error("no cipher");
    this.cipher = cipher;
    this.#sealed = new ClientZkGroupCipher(this.secret);
    const publicKey = this.secret.getPublicParams().serialize();
    const groupState = { publicKey, ...EMPTY, ...state };
    this.privChanges = { groupChanges: [{ groupChange: { actions: new Uint8Array() }, groupState }] };
  }

  get id(): string {
    return Buffer.from(this.cipher.id).toString("base64");
  }

  get state(): State {
    const last = this.privChanges.groupChanges.at(-1);
    if (!last) throw new Error("no state");
    return last.groupState;
  }

  bytes(): Uint8Array {
    return proto.Group.encode(this.state);
  }

  /** By account, or by phone number where `pni` is set. */
  userId(uuid: string, pni = false): Uint8Array<ArrayBuffer> {
    const id: ServiceId = pni
      ? Pni.parseFromServiceIdString(`PNI:${uuid}`)
      : Aci.parseFromServiceIdString(uuid);
    return this.#sealed.encryptServiceId(id).serialize();
  }

  profileKey(uuid: string, fill: number): Uint8Array<ArrayBuffer> {
    const key = new ProfileKey(new Uint8Array(32).fill(fill));
    return this.#sealed.encryptProfileKey(key, Aci.parseFromServiceIdString(uuid)).serialize();
  }

  blob(content: Proto.GroupAttributeBlob.Params["content"]): Uint8Array<ArrayBuffer> {
    return this.#sealed.encryptBlob(Uint8Array.from(proto.GroupAttributeBlob.encode({ content })));
  }

  member(
    uuid: string,
    {
      role = proto.Member.Role.DEFAULT,
      fill = 1,
    }: { readonly role?: Proto.Member.Role; readonly fill?: number } = {},
  ): Proto.Member.Params {
    return {
      userId: this.userId(uuid),
      role,
      profileKey: this.profileKey(uuid, fill),
      presentation: null,
      joinedAtVersion: null,
      labelEmoji: null,
      labelString: null,
    };
  }

  /** Does it, and answers the signed change. */
  changes(by: string, actions: GroupActions, state: Partial<State>, epoch?: number): Uint8Array<ArrayBuffer> {
    return signedChange(this, this.userId(by), actions, state, epoch);
  }
}
