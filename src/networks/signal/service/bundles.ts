import { type PreKeyBundle, ServiceId } from "@signalapp/libsignal-client";
import { z } from "zod";
import { publicBundle } from "../../../signal-protocol/bundle.ts";
import type { PublicBundle } from "../../../signal-protocol/public-keys.ts";
import type { Chat } from "./chat.ts";
import { requestJson } from "./json-requests.ts";
import type { SealedAccess } from "./messages.ts";
import { serviceFailure } from "./service-errors.ts";

/** The keys by which a session with a device is started. */
export interface DeviceBundle {
  readonly device: number;
  readonly bundle: PublicBundle;
}

const base64 = z.base64().transform((text) => Uint8Array.from(Buffer.from(text, "base64")));
/** As JSON has keys, some servers leave the padding out. */
const key = z
  .string()
  .transform((text) => text.padEnd(Math.ceil(text.length / 4) * 4, "="))
  .pipe(base64);
const signed = z.object({ keyId: z.int(), publicKey: key, signature: key });
const answer = z.object({
  identityKey: key,
  devices: z.array(
    z.object({
      deviceId: z.int().min(1).max(127),
      registrationId: z.int(),
      signedPreKey: signed,
      preKey: z.object({ keyId: z.int(), publicKey: key }).nullish(),
      pqPreKey: signed,
    }),
  ),
});

/** Curve keys have a type byte here, Kyber keys have theirs everywhere. */
const CURVE_TYPE_BYTE = 1;

/**
 * The keys of all devices of a person, or of one. With `access` the server does not learn who asks. Throws what
 * send-failures.ts reads.
 */
export async function fetchBundles(
  chat: Chat,
  person: string,
  device: number | "all",
  access: SealedAccess | undefined,
): Promise<readonly DeviceBundle[]> {
  if (access) {
    try {
      return await fetchUnseen(chat, person, device, access);
    } catch (error) {
      if (serviceFailure(error).kind !== "unauthorized") throw error;
    }
  }
  const path = `/v2/keys/${person}/${device === "all" ? "*" : device}`;
  const { identityKey, devices } = answer.parse(await requestJson(chat.authenticated, { verb: "GET", path }));
  return devices.map(({ deviceId, registrationId, signedPreKey, preKey, pqPreKey }) => ({
    device: deviceId,
    bundle: {
      registrationId,
      identity: identityKey.subarray(CURVE_TYPE_BYTE),
      signed: {
        id: signedPreKey.keyId,
        value: signedPreKey.publicKey.subarray(CURVE_TYPE_BYTE),
        signature: signedPreKey.signature,
      },
      oneTime: preKey ? { id: preKey.keyId, value: preKey.publicKey.subarray(CURVE_TYPE_BYTE) } : undefined,
      kyber: { id: pqPreKey.keyId, value: pqPreKey.publicKey, signature: pqPreKey.signature },
    },
  }));
}

async function fetchUnseen(
  chat: Chat,
  person: string,
  device: number | "all",
  access: SealedAccess,
): Promise<readonly DeviceBundle[]> {
  const anonymous = await chat.anonymous();
  const { preKeyBundles } = await anonymous.getPreKeys({
    target: ServiceId.parseFromServiceIdString(person),
    device: device === "all" ? device : { deviceId: device },
    auth: access,
  });
  return preKeyBundles.map((bundle: PreKeyBundle) => ({
    device: bundle.deviceId(),
    bundle: publicBundle(bundle),
  }));
}
