import { NotarySignature, type ServerPublicParams } from "@signalapp/libsignal-client/dist/zkgroup/index.js";
import {
  type GroupChange_Actions as Actions,
  GroupChange_ActionsSchema as ActionsSchema,
  GroupChangeSchema,
} from "../wire/gen/groups_pb.js";
import { decodeProtobuf, decodeWhole } from "../wire/protobuf.ts";
import type { GroupCipher } from "./group-cipher.ts";

/** Changes of a higher epoch can mean something that is not known here. */
export const KNOWN_EPOCH = 6;

/**
 * A change that a member passes on: undefined where the server did not sign it, it is another group's, or it means what
 * is not known here.
 */
export function signedActions(
  change: Uint8Array,
  cipher: GroupCipher,
  zkParams: ServerPublicParams,
): Actions | undefined {
  try {
    const { actions, serverSignature, changeEpoch } = decodeProtobuf(GroupChangeSchema, change);
    zkParams.verifySignature(Uint8Array.from(actions), new NotarySignature(Uint8Array.from(serverSignature)));
    const signed = decodeProtobuf(ActionsSchema, actions);
    const isOurs = Buffer.compare(signed.groupId, cipher.id) === 0;
    return isOurs && changeEpoch <= KNOWN_EPOCH ? signed : undefined;
  } catch {
    return undefined;
  }
}

/** A change out of the server's own log; undefined where it means what is not known here. Throws WireError. */
export const loggedActions = (actions: Uint8Array, epoch: number): Actions | undefined =>
  epoch <= KNOWN_EPOCH ? decodeWhole(ActionsSchema, actions) : undefined;
