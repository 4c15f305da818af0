import { Aci, Pni, ServiceId } from "@signalapp/libsignal-client";
import type { org } from "@signalapp/mock-server/protos/compiled.js";
import { org as values } from "./mock-server.ts";

const { IDENTITY_TYPE_PNI, IDENTITY_TYPE_ACI } = values.signal.chat.common.IdentityType;

/** A service id as text, of its form in a call of gRPC. */
export function serviceIdText({ identityType, uuid }: org.signal.chat.common.ServiceIdentifier): string {
  const bytes = Uint8Array.from(uuid);
  const id = identityType === IDENTITY_TYPE_PNI ? Pni.fromUuidBytes(bytes) : Aci.fromUuidBytes(bytes);
  return id.getServiceIdString();
}

/** The form in a call of gRPC, of a service id as text. */
export function serviceIdentifier(text: string): org.signal.chat.common.ServiceIdentifier.Params {
  const id = ServiceId.parseFromServiceIdString(text);
  const identityType = id instanceof Pni ? IDENTITY_TYPE_PNI : IDENTITY_TYPE_ACI;
  return { identityType, uuid: Uint8Array.from(id.getRawUuidBytes()) };
}
