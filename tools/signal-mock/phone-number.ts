import type { ServiceIdKind as Kind, PrimaryDevice } from "@signalapp/mock-server";
import { ServiceIdKind } from "./mock-server.ts";
import { internals } from "./phone-internals.ts";

/** Lets a phone whose account has no number take one: it has the stores of one identity, and needs those of a second. */
export function prepareNumber(phone: PrimaryDevice): void {
  const { identity, senderKeys, preKeys, kyberPreKeys, signedPreKeys } = internals(phone);
  const all = [identity, senderKeys, preKeys, kyberPreKeys, signedPreKeys] as readonly Map<Kind, object>[];
  for (const stores of all) {
    const ofAccount = stores.get(ServiceIdKind.ACI);
    if (stores.has(ServiceIdKind.PNI) || ofAccount === undefined) continue;
    const Store = ofAccount.constructor as new () => object;
    stores.set(ServiceIdKind.PNI, new Store());
  }
}
