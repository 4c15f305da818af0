import { Aci } from "@signalapp/libsignal-client";
import {
  ClientZkGroupCipher,
  type ProfileKey,
  type ServerSecretParams,
} from "@signalapp/libsignal-client/dist/zkgroup/index.js";
import type { Group, Proto } from "@signalapp/mock-server";
import { EMPTY_GROUP_ACTIONS, proto } from "./mock-server.ts";

export type GroupActions = Partial<Proto.GroupChange.Actions.Params>;
type State = Proto.Group.Params;

/** What of the mock's group is private, and needed for the changes that the mock takes and ignores. */
export interface GroupInternals {
  readonly id: string;
  readonly state: State;
  readonly zkSecret: ServerSecretParams;
  readonly privChanges: {
    readonly groupChanges: { groupChange: Proto.GroupChange.Params | null; groupState: State }[];
  };
}

/** The newest epoch of changes that Signal's apps understood when this was written. */
const EPOCH = 5;

/**
 * Carries a change out on the server's group and answers it with the server's signature, as a phone gets it. The mock's
 * own way to change a group knows a few actions alone: it takes the others, counts them and does nothing.
 */
export function signedChange(
  serverGroup: object,
  sourceUserId: Uint8Array<ArrayBuffer>,
  actions: GroupActions,
  state: Partial<State>,
  changeEpoch = EPOCH,
): Uint8Array<ArrayBuffer> {
  const group = serverGroup as GroupInternals;
  const version = (group.state.version ?? 0) + 1;
  const groupId = Uint8Array.from(Buffer.from(group.id, "base64"));
  const whole = { ...EMPTY_GROUP_ACTIONS, ...actions, version, sourceUserId, groupId };
  const bytes = Uint8Array.from(proto.GroupChange.Actions.encode(whole));
  const serverSignature = Uint8Array.from(group.zkSecret.sign(bytes).serialize());
  group.privChanges.groupChanges.push({
    groupChange: { actions: bytes, changeEpoch, serverSignature: null },
    groupState: { ...group.state, ...state, version },
  });
  return Uint8Array.from(proto.GroupChange.encode({ actions: bytes, serverSignature, changeEpoch }));
}

/** A member's profile key as the server has it. */
export function sealedProfileKey(group: Group, key: ProfileKey, aci: string): Uint8Array<ArrayBuffer> {
  const cipher = new ClientZkGroupCipher(group.secretParams);
  return Uint8Array.from(cipher.encryptProfileKey(key, Aci.parseFromServiceIdString(aci)).serialize());
}
