import { BridgeError } from "../../core/model/errors.ts";
import { fieldOf, jsonOf } from "../http/json.ts";
import { type Requests, route } from "../http/requests.ts";
import { type CrossSigningSeeds, cryptoRecords } from "./crypto-records.ts";
import type { LibraryRequest } from "./library-requests.ts";
import type { Machine } from "./machine.ts";

/**
 * Publishes a device's keys and its user's cross-signing keys, and signs the one with the other. All of it may be repeated
 * at any point: the same keys again are no change (spec: Cross-signing). `name`: the device's. Throws BridgeError.
 */
export async function publish(machine: Machine, name: string): Promise<void> {
  const { olm, actor } = machine;
  await machine.makeDevice(name);
  await machine.settle();
  using bootstrap = await olm.bootstrapCrossSigning(false);
  const seeds = await seedsOf(machine);
  // The private keys are safe before the world sees the public ones.
  const { user, device } = actor;
  await machine.commit((tx) =>
    tx.family(cryptoRecords).setDevice({ user, device, published: false, seeds, key: machine.key }),
  );
  const {
    uploadKeysRequest: keys,
    uploadSigningKeysRequest: signing,
    uploadSignaturesRequest: signatures,
  } = bootstrap;
  if (keys) await machine.carryOut(keys as LibraryRequest);
  await machine.ask({
    method: "POST",
    path: route`/_matrix/client/v3/keys/device_signing/upload`,
    body: jsonOf(signing.body),
  });
  await machine.ask({
    method: "POST",
    path: route`/_matrix/client/v3/keys/signatures/upload`,
    body: jsonOf(signatures.body),
  });
  await machine.settle();
  await machine.commit((tx) =>
    tx.family(cryptoRecords).setDevice({ user, device, published: true, seeds, key: machine.key }),
  );
}

/**
 * Publishes a new device's keys, signed with the identity that its user has already, so that nobody is told of another
 * one. All of it may be repeated. False where the homeserver has lost that identity. Throws BridgeError.
 */
export async function publishAgain(
  machine: Machine,
  name: string,
  seeds: CrossSigningSeeds,
): Promise<boolean> {
  const { olm, library, actor } = machine;
  const { user, device } = actor;
  const own = () => new library.UserId(user);
  await machine.makeDevice(name);
  await machine.settle();
  // Before the library knows the public keys it takes no private ones.
  await machine.carryOut(olm.queryKeysForUsers([own()]));
  await olm.importCrossSigningKeys(seeds.master, seeds.selfSigning, seeds.userSigning);
  using status = await olm.crossSigningStatus();
  if (!status.hasSelfSigning) return false;
  const found = await olm.getDevice(own(), new library.DeviceId(device));
  if (!found)
    throw new BridgeError("internal", { words: "The crypto library lost a device.", certain: true });
  await machine.carryOut(await found.verify());
  await machine.settle();
  await machine.commit((tx) =>
    tx.family(cryptoRecords).setDevice({ user, device, published: true, seeds, key: machine.key }),
  );
  return true;
}

async function seedsOf({ olm }: Machine): Promise<CrossSigningSeeds> {
  using keys = await olm.exportCrossSigningKeys();
  const { masterKey: master, self_signing_key: selfSigning, userSigningKey: userSigning } = keys ?? {};
  if (master === undefined || selfSigning === undefined || userSigning === undefined)
    throw new BridgeError("internal", { words: "The crypto library made no identity.", certain: true });
  return { master, selfSigning, userSigning };
}

/**
 * Publishes the identity that the machine has made, which a homeserver of an older copy may have lost; the same once more
 * is no change. Throws BridgeError.
 */
export async function showIdentity({ olm, actor }: Machine, requests: Pick<Requests, "json">): Promise<void> {
  using bootstrap = await olm.bootstrapCrossSigning(false);
  const path = route`/_matrix/client/v3/keys/device_signing/upload`;
  const body = jsonOf(bootstrap.uploadSigningKeysRequest.body);
  // The library signs what it makes, and not what was imported, which the homeserver would refuse.
  if (fieldOf(fieldOf(body, "self_signing_key"), "signatures") === undefined) return;
  await requests.json({ method: "POST", path, body, as: actor.user });
}
