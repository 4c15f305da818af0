import { randomBytes } from "node:crypto";
import { z } from "zod";
import { DECLARED_CAPABILITIES } from "../service/devices.ts";
import { type Requesting, requestJson } from "../service/json-requests.ts";
import { signedPreKeyJson } from "../service/key-json.ts";
import { sealDeviceName } from "../wire/device-name.ts";
import type { Provision } from "../wire/provisioning.ts";
import type { DeviceKeys } from "./device-keys.ts";

/** What the server made of a registration. */
export interface RegisteredDevice {
  readonly deviceId: number;
  /** By which the device proves itself. */
  readonly password: string;
}

interface Registration {
  readonly provision: Provision;
  readonly deviceName: string;
  readonly aci: DeviceKeys;
  /** Of an account with a phone number. */
  readonly pni: DeviceKeys | undefined;
}

const answer = z.object({ deviceId: z.int().min(2).max(127) });
const PASSWORD_BYTES = 18;

/**
 * Makes the bridge one of the account's devices. A code of a phone is good for one try. Throws ServiceRefusal, and what
 * libsignal throws.
 */
export async function registerDevice(
  connection: Requesting,
  { provision, deviceName, aci, pni }: Registration,
): Promise<RegisteredDevice> {
  const password = randomBytes(PASSWORD_BYTES).toString("base64url");
  const credentials = Buffer.from(`${provision.aci}:${password}`).toString("base64");
  const name = sealDeviceName(deviceName, provision.aciIdentity.publicKey);
  const body = {
    verificationCode: provision.code,
    accountAttributes: {
      fetchesMessages: true,
      registrationId: aci.own.registrationId,
      ...(pni && { pniRegistrationId: pni.own.registrationId }),
      name: Buffer.from(name).toString("base64"),
      capabilities: DECLARED_CAPABILITIES,
    },
    aciSignedPreKey: signedPreKeyJson(aci.signed.public),
    aciPqLastResortPreKey: signedPreKeyJson(aci.lastResort.public),
    ...(pni && {
      pniSignedPreKey: signedPreKeyJson(pni.signed.public),
      pniPqLastResortPreKey: signedPreKeyJson(pni.lastResort.public),
    }),
  };
  const registered = await requestJson(connection, {
    verb: "PUT",
    path: "/v1/devices/link",
    headers: { authorization: `Basic ${credentials}` },
    body,
  });
  return { deviceId: answer.parse(registered).deviceId, password };
}
