import { Aci } from "@signalapp/libsignal-client";
import { ProfileKey } from "@signalapp/libsignal-client/dist/zkgroup/index.js";
import { z } from "zod";
import { type Requesting, requestJson } from "./json-requests.ts";

/** A profile as the server gives it out: what people typed is encrypted with their profile key. */
export interface SealedProfile {
  readonly name: Uint8Array | undefined;
  /** The picture's path at the host of files; empty where there is none. */
  readonly avatar: string;
  /** Of the account; 33 bytes. */
  readonly identityKey: Uint8Array | undefined;
}

const base64 = z.string().transform((text) => new Uint8Array(Buffer.from(text, "base64")));
const schema = z.object({
  name: base64.nullish(),
  avatar: z
    .string()
    .max(300)
    .regex(/^[\w/+=.-]*$/)
    .nullish()
    .catch(undefined),
  identityKey: base64.nullish(),
});

/**
 * Asks for somebody's profile; on a connection that names nobody the server does not learn who asks, and wants the
 * profile key's proof. Throws `ServiceRefusal` (401: the profile key is not theirs any more; 404: there is no such
 * account), what libsignal throws, and an error where the answer is no profile.
 */
export async function readProfile(
  connection: Requesting,
  aci: string,
  profileKey: Uint8Array,
  { isAnonymous = true } = {},
): Promise<SealedProfile> {
  const key = new ProfileKey(Uint8Array.from(profileKey));
  const version = key.getProfileKeyVersion(Aci.parseFromServiceIdString(aci)).toString();
  const accessKey = Buffer.from(key.deriveAccessKey()).toString("base64");
  const answer = await requestJson(connection, {
    verb: "GET",
    path: `/v1/profile/${aci}/${version}`,
    ...(isAnonymous && { headers: { "unidentified-access-key": accessKey } }),
  });
  const { name, avatar, identityKey } = schema.parse(answer);
  return { name: name ?? undefined, avatar: avatar ?? "", identityKey: identityKey ?? undefined };
}
