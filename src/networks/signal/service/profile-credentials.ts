import { Aci } from "@signalapp/libsignal-client";
import {
  ClientZkProfileOperations,
  ExpiringProfileKeyCredentialResponse,
  type GroupSecretParams,
  ProfileKey,
  type ServerPublicParams,
} from "@signalapp/libsignal-client/dist/zkgroup/index.js";
import { z } from "zod";
import { type Requesting, requestJson } from "./json-requests.ts";

const answer = z.object({
  credential: z.base64().transform((text) => Uint8Array.from(Buffer.from(text, "base64"))),
});

/** Whose profile key it is. */
interface KeyOwner {
  /** Account id. */
  readonly aci: string;
  /** 32 bytes. */
  readonly profileKey: Uint8Array;
}

/**
 * Proves to the server of groups that somebody's profile key is theirs, without telling it which account. It is asked
 * for without our name. Throws what service-errors.ts reads (401: the key is not theirs any more).
 */
export async function presentProfileKey(
  connection: Requesting,
  zkParams: ServerPublicParams,
  { aci, profileKey }: KeyOwner,
  { group, now }: { readonly group: GroupSecretParams; readonly now: number },
): Promise<Uint8Array<ArrayBuffer>> {
  const operations = new ClientZkProfileOperations(zkParams);
  const key = new ProfileKey(Uint8Array.from(profileKey));
  const account = Aci.parseFromServiceIdString(aci);
  const asking = operations.createProfileKeyCredentialRequestContext(account, key);
  const version = key.getProfileKeyVersion(account).toString();
  const request = Buffer.from(asking.getRequest().serialize()).toString("hex");
  const { credential } = answer.parse(
    await requestJson(connection, {
      verb: "GET",
      path: `/v1/profile/${aci}/${version}/${request}?credentialType=expiringProfileKey`,
      headers: { "unidentified-access-key": Buffer.from(key.deriveAccessKey()).toString("base64") },
    }),
  );
  const received = operations.receiveExpiringProfileKeyCredential(
    asking,
    new ExpiringProfileKeyCredentialResponse(credential),
    new Date(now),
  );
  return operations.createExpiringProfileKeyCredentialPresentation(group, received).serialize();
}
