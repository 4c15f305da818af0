import { BridgeError } from "../../../core/model/errors.ts";
import { requestFailure } from "../service/send-failures.ts";
import { requestStorage, type StorageAnswer, type StorageHost } from "../service/storage-host.ts";
import {
  type AvatarUploadAttributes,
  AvatarUploadAttributesSchema,
  type Group,
  GroupChangesSchema,
  GroupResponseSchema,
} from "../wire/gen/groups_pb.js";
import { decodeWhole } from "../wire/protobuf.ts";
import type { GroupCipher } from "./group-cipher.ts";
import type { GroupCredentials } from "./group-credentials.ts";
import { KNOWN_EPOCH } from "./signed-change.ts";

interface GroupRequest {
  readonly method: "GET" | "PUT" | "PATCH";
  /** Behind `/v2/groups`. */
  readonly path?: string;
  readonly body?: Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What the server says of a group. */
export type FetchedGroup =
  | {
      readonly kind: "group";
      readonly group: Group;
      /** By which members can be written to at once; empty where we are no member. */
      readonly endorsements: Uint8Array;
    }
  /** Our person is not in it, and was not invited; or there is no such group. */
  | { readonly kind: "closed" };

/** The changes from a revision on; `isWhole` is false where more follow. */
export type FetchedChanges =
  | {
      readonly kind: "changes";
      /** In order; `actions` are the bytes of an `Actions`. */
      readonly changes: readonly { readonly actions: Uint8Array; readonly epoch: number }[];
      readonly isWhole: boolean;
    }
  | { readonly kind: "closed" };

/** Signal's server of groups. */
export class GroupServer {
  readonly #host: StorageHost;
  readonly #credentials: GroupCredentials;

  constructor(host: StorageHost, credentials: GroupCredentials) {
    this.#host = host;
    this.#credentials = credentials;
  }

  /** Throws BridgeError where there is no answer, and WireError for one that cannot be read. */
  async group(cipher: GroupCipher): Promise<FetchedGroup> {
    const { status, body, headers } = await this.call(cipher, { method: "GET" });
    if (status === 403 || status === 404) return { kind: "closed" };
    if (status !== 200) throw refused(status, headers);
    const { group, groupSendEndorsementsResponse: endorsements } = decodeWhole(GroupResponseSchema, body);
    if (!group) throw refused(status, headers);
    return { kind: "group", group, endorsements };
  }

  /** As {@link group}. `closed` also where our person was not in it yet at that revision. */
  async changes(cipher: GroupCipher, from: number): Promise<FetchedChanges> {
    const query = `maxSupportedChangeEpoch=${KNOWN_EPOCH}&includeFirstState=false&includeLastState=false`;
    const { status, body, headers } = await this.call(cipher, {
      method: "GET",
      path: `/logs/${from}?${query}`,
      // Seconds at which the endorsements end that are known; they are asked for with the state.
      headers: { "cached-send-endorsements": "0" },
    });
    if (status === 403 || status === 404) return { kind: "closed" };
    if (status !== 200 && status !== 206) throw refused(status, headers);
    const { groupChanges } = decodeWhole(GroupChangesSchema, body);
    const changes = groupChanges.flatMap(({ groupChange: change }) =>
      change === undefined ? [] : [{ actions: change.actions, epoch: change.changeEpoch }],
    );
    return { kind: "changes", changes, isWhole: status === 200 };
  }

  /** Where a picture of the group may be brought. Throws as {@link group}. */
  async pictureForm(cipher: GroupCipher): Promise<AvatarUploadAttributes> {
    const { status, body, headers } = await this.call(cipher, { method: "GET", path: "/avatar/form" });
    if (status !== 200) throw refused(status, headers);
    return decodeWhole(AvatarUploadAttributesSchema, body);
  }

  /** A request about a group, whatever it is answered. Throws BridgeError where there is no answer. */
  async call(cipher: GroupCipher, request: GroupRequest): Promise<StorageAnswer> {
    const answer = await this.#send(cipher, request);
    // 403 is as well what is said of a group that our person is not in.
    if (answer.status !== 401 && answer.status !== 403) return answer;
    this.#credentials.refused();
    return this.#send(cipher, request);
  }

  async #send(cipher: GroupCipher, { path = "", ...request }: GroupRequest): Promise<StorageAnswer> {
    const authorization = await this.#credentials.header(cipher).catch((error: unknown) => {
      throw requestFailure(error);
    });
    return requestStorage(this.#host, { ...request, path: `/v2/groups${path}`, authorization });
  }
}

function refused(status: number, headers: StorageAnswer["headers"]): BridgeError {
  const wait = Number(headers["retry-after"]);
  return new BridgeError("remote-refused", {
    words: `Signal's server of groups refused (error ${status}).`,
    certain: true,
    retryAfter: Number.isFinite(wait) ? wait * 1_000 : 0,
  });
}
