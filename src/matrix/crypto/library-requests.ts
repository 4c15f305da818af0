import type {
  KeysClaimRequest,
  KeysQueryRequest,
  KeysUploadRequest,
  RoomMessageRequest,
  SignatureUploadRequest,
  ToDeviceRequest,
} from "@matrix-org/matrix-sdk-crypto-wasm";
import { BridgeError } from "../../core/model/errors.ts";
import type { UserId } from "../../core/model/ids.ts";
import { jsonOf } from "../http/json.ts";
import { type Requests, route } from "../http/requests.ts";
import type { CryptoLibrary } from "./library.ts";

/** What the library wants asked of the homeserver. */
export type LibraryRequest =
  | KeysUploadRequest
  | KeysQueryRequest
  | KeysClaimRequest
  | ToDeviceRequest
  | SignatureUploadRequest
  | RoomMessageRequest;

/** Whose requests these are. */
export interface CryptoActor {
  readonly user: UserId;
  readonly device: string;
  /** Whether others may begin sessions with it: what only sends has no one-time keys. */
  readonly receives: boolean;
}

/** What a device that only sends tells the library: it has as many one-time keys as it wants, so that it makes no more. */
const ENOUGH_KEYS = { one_time_key_counts: { signed_curve25519: 50 } };

/** Carries a request out and gives the answer's JSON. Throws BridgeError. */
export async function carryOut(
  { RequestType }: Pick<CryptoLibrary, "RequestType">,
  requests: Pick<Requests, "json">,
  actor: CryptoActor,
  request: LibraryRequest,
): Promise<string> {
  const as = { as: actor.user, device: actor.device };
  const body = jsonOf(request.body);
  const post = (path: ReturnType<typeof route>, sent: unknown = body) =>
    requests.json({ method: "POST", path, body: sent, ...as });
  const answer = async (): Promise<unknown> => {
    switch (request.type) {
      case RequestType.KeysUpload: {
        const path = route`/_matrix/client/v3/keys/upload`;
        if (actor.receives) return post(path);
        await post(path, { device_keys: deviceKeysIn(body) });
        return ENOUGH_KEYS;
      }
      case RequestType.KeysQuery:
        return post(route`/_matrix/client/v3/keys/query`);
      case RequestType.KeysClaim:
        return post(route`/_matrix/client/v3/keys/claim`);
      case RequestType.SignatureUpload:
        return post(route`/_matrix/client/v3/keys/signatures/upload`);
      case RequestType.ToDevice: {
        const { event_type: type, txn_id: id } = request as ToDeviceRequest;
        const path = route`/_matrix/client/v3/sendToDevice/${type}/${id}`;
        return requests.json({ method: "PUT", path, body, ...as });
      }
      case RequestType.RoomMessage: {
        const { room_id: room, event_type: type, txn_id: id } = request as RoomMessageRequest;
        const path = route`/_matrix/client/v3/rooms/${room}/send/${type}/${id}`;
        return requests.json({ method: "PUT", path, body, ...as });
      }
      case RequestType.KeysBackup:
        throw new BridgeError("internal", {
          words: "The crypto library asks for something that the bridge does not know.",
          certain: true,
        });
    }
  };
  return JSON.stringify(await answer());
}

const deviceKeysIn = (body: unknown): unknown =>
  typeof body === "object" && body !== null && "device_keys" in body ? body.device_keys : undefined;
