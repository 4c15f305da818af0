import { Aci, Fingerprint, PrivateKey } from "@signalapp/libsignal-client";
import type { PrimaryDevice } from "@signalapp/mock-server";
import { ServiceIdKind } from "./mock-server.ts";
import type { Person } from "./person.ts";
import { internals } from "./phone-internals.ts";
import type { PlayedServer } from "./played-server.ts";

const LAST_REGISTRATION_ID = 0x3fff;

/** Signal is set up anew on the phone: the account is the same, its identity key another one. */
export async function reinstall(server: PlayedServer, phone: PrimaryDevice): Promise<void> {
  const { device } = phone;
  const inside = internals(phone);
  const identity = inside.identity.get(ServiceIdKind.ACI);
  if (identity === undefined) throw new Error("The phone has no identity");
  const key = PrivateKey.generate();
  const before = device.getCheckedRegistrationId(ServiceIdKind.ACI);
  const registration = (before % LAST_REGISTRATION_ID) + 1;
  Object.assign(device, { registrationId: registration });
  Object.assign(inside, { privateKey: key, publicKey: key.getPublicKey() });
  await identity.updateIdentityKey(key);
  await identity.updateLocalRegistrationId(registration);
  await identity.saveIdentity(device.address, key.getPublicKey());
  await device.setKeys(ServiceIdKind.ACI, await phone.generateKeys(device, ServiceIdKind.ACI));
  Object.assign(inside, { privSenderCertificate: await server.getSenderCertificate(device) });
}

/** The 60 digits that Signal's apps show: version 2, 5200 iterations, over the 16 bytes of the accounts' ids. */
export function safetyNumber(own: Person, other: Person): string {
  const side = ({ aci, phone }: Person) =>
    [
      Uint8Array.from(Aci.parseFromServiceIdString(aci).getRawUuidBytes()),
      phone.getPublicKey(ServiceIdKind.ACI),
    ] as const;
  return Fingerprint.new(5200, 2, ...side(own), ...side(other))
    .displayableFingerprint()
    .toString();
}
