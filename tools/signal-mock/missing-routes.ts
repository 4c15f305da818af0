import { timingSafeEqual } from "node:crypto";
import type { Device } from "@signalapp/mock-server";
import type { org } from "@signalapp/mock-server/protos/compiled.js";
import { challenge, faultyOutcome } from "./faulty-send.ts";
import { proto, ServiceIdKind, org as values } from "./mock-server.ts";
import type { PlayedServer } from "./played-server.ts";
import {
  type Endpoint,
  type RequestOf,
  type ResponseOf,
  RpcFailure,
  UNAUTHENTICATED,
  UNAVAILABLE,
} from "./rpc.ts";
import { serviceIdentifier, serviceIdText } from "./service-ids.ts";

type Bundle = org.signal.chat.messages.IndividualRecipientMessageBundle;
type Mismatched = org.signal.chat.messages.MismatchedDevices.Params;
type Prepared = Awaited<ReturnType<PlayedServer["prepareMultiDeviceMessage"]>>;
type Target = Parameters<PlayedServer["prepareMultiDeviceMessage"]>[1];
type Messages = Parameters<PlayedServer["prepareMultiDeviceMessage"]>[2];

const { SendMessageType } = values.signal.chat.messages;
const { Type: EnvelopeType } = proto.Envelope;

const envelopeTypes: Readonly<Record<number, number>> = {
  [SendMessageType.DOUBLE_RATCHET]: EnvelopeType.DOUBLE_RATCHET,
  [SendMessageType.PREKEY_MESSAGE]: EnvelopeType.PREKEY_MESSAGE,
  [SendMessageType.PLAINTEXT_CONTENT]: EnvelopeType.PLAINTEXT_CONTENT,
};

interface Delivery {
  readonly server: PlayedServer;
  readonly source: Device | undefined;
  readonly target: Target;
  readonly sealed: boolean;
}

/** What sends of all kinds may be answered with. */
type DeliveryOutcome = NonNullable<org.signal.chat.messages.SendMessageResponse.Params["response"]> &
  NonNullable<org.signal.chat.messages.SendMessageAuthenticatedSenderResponse.Params["response"]>;

/** What one call is answered with; `device` is the caller's, where it proved itself. */
type Route<E extends Endpoint> = (
  request: RequestOf<E>,
  server: PlayedServer,
  device: Device | undefined,
) => Promise<ResponseOf<E>>;

function known(device: Device | undefined): Device {
  if (device !== undefined) return device;
  throw new RpcFailure(UNAUTHENTICATED, "incorrect credentials");
}

function messagesOf(bundle: Bundle | null, sealed: boolean): Messages {
  return Array.from(bundle?.messages ?? [], ([destinationDeviceId, message]) => ({
    type: sealed ? EnvelopeType.UNIDENTIFIED_SENDER : (envelopeTypes[message?.type ?? 0] ?? 0),
    destinationDeviceId,
    destinationRegistrationId: message?.registrationId ?? 0,
    content: Buffer.from(message?.payload ?? []).toString("base64"),
  })) as unknown as Messages;
}

function mismatch(target: Target, prepared: Prepared): Mismatched | undefined {
  if (prepared.status !== "incomplete" && prepared.status !== "stale") return undefined;
  return {
    serviceIdentifier: serviceIdentifier(target),
    missingDevices: prepared.status === "incomplete" ? [...prepared.missingDevices] : null,
    extraDevices: prepared.status === "incomplete" ? [...prepared.extraDevices] : null,
    staleDevices: prepared.status === "stale" ? [...prepared.staleDevices] : null,
  };
}

/** Hands a message to the devices of an account, where those named are all that it has. */
async function delivered(
  { server, source, target, sealed }: Delivery,
  bundle: Bundle | null,
): Promise<DeliveryOutcome> {
  const messages = messagesOf(bundle, sealed);
  const prepared = await server.prepareMultiDeviceMessage(source, target, messages, bundle?.timestamp ?? 0n);
  if (prepared.status === "unknown") return { destinationNotFound: {} };
  const mismatchedDevices = mismatch(target, prepared);
  if (mismatchedDevices !== undefined) return { mismatchedDevices };
  if (prepared.status === "ok")
    await server.handlePreparedMultiDeviceMessage(source, target, prepared.result);
  return { success: {} };
}

/** As {@link delivered}, unless a fault answers. */
async function outcome(delivery: Delivery, bundle: Bundle | null): Promise<DeliveryOutcome> {
  const { server, target } = delivery;
  const fault = server.faults.nextSend(target);
  if (fault === undefined) return delivered(delivery, bundle);
  if (fault.kind === "held") {
    const { released } = server.faults;
    fault.reached?.();
    await released;
    return delivered(delivery, bundle);
  }
  if (fault.kind !== "lost") return faultyOutcome(fault, target) as DeliveryOutcome;
  await delivered(delivery, bundle);
  server.dropConnections();
  throw new RpcFailure(UNAVAILABLE, "the connection broke");
}

const send: Route<"org.signal.chat.messages.Messages/SendMessage"> = async (request, server, device) => {
  const source = known(device);
  const target = targetOf(request.destination);
  if (server.isSendRateLimited({ source: source.aci, target }))
    return { response: { challengeRequired: challenge() } };
  return { response: await outcome({ server, source, target, sealed: false }, request.messages) };
};

const sendSync: Route<"org.signal.chat.messages.Messages/SendSyncMessage"> = async (
  request,
  server,
  device,
) => {
  const source = known(device);
  return { response: await outcome({ server, source, target: source.aci, sealed: false }, request.messages) };
};

const sendSealed: Route<"org.signal.chat.messages.MessagesAnonymous/SendSingleRecipientMessage"> = async (
  request,
  server,
) => {
  const target = targetOf(request.destination);
  const account = await server.getDeviceByServiceId(target);
  const { unidentifiedAccessKey: key, groupSendToken: token } = request.authorization ?? {};
  if (account !== undefined && token == null && !opens(key, account))
    return { response: { failedUnidentifiedAuthorization: { description: "wrong access key" } } };
  const delivery = { server, source: undefined, target, sealed: true };
  return { response: await outcome(delivery, request.messages) };
};

const preKeyCount: Route<"org.signal.chat.keys.Keys/GetPreKeyCount"> = async (_, _server, device) => {
  const own = known(device);
  const hasNumber = own.pni !== undefined;
  return {
    aciEcPreKeyCount: await own.getPreKeyCount(ServiceIdKind.ACI),
    aciKemPreKeyCount: await own.getKyberPreKeyCount(ServiceIdKind.ACI),
    pniEcPreKeyCount: hasNumber ? await own.getPreKeyCount(ServiceIdKind.PNI) : 0,
    pniKemPreKeyCount: hasNumber ? await own.getKyberPreKeyCount(ServiceIdKind.PNI) : 0,
  };
};

const removeDevice: Route<"org.signal.chat.device.Devices/RemoveDevice"> = async ({ id }, server, device) => {
  await server.removeDevice(known(device).aci, id);
  return {};
};

const devices: Route<"org.signal.chat.device.Devices/GetDevices"> = async (_, server, device) => ({
  devices: (await server.getAllDevicesByServiceId(known(device).aci)).map((each) => ({
    id: each.deviceId,
    name: server.nameOf(each),
    lastSeen: BigInt(Date.now()),
    registrationId: null,
    createdAtCiphertext: null,
  })),
});

const setCapabilities: Route<"org.signal.chat.device.Devices/SetCapabilities"> = async (
  _,
  _server,
  device,
) => {
  known(device);
  return {};
};

const accountExists: Route<"org.signal.chat.account.AccountsAnonymous/CheckAccountExistence"> = async (
  { serviceIdentifier: account },
  server,
) => {
  const target = targetOf(account);
  const device = await server.getDeviceByServiceId(target);
  return { accountExists: device !== undefined && !server.isUnregistered(target) };
};

function targetOf(destination: org.signal.chat.common.ServiceIdentifier | null): Target {
  if (destination === null) throw new Error("A message to nobody");
  return serviceIdText(destination) as Target;
}

function opens(key: Uint8Array | null | undefined, { accessKey }: Device): boolean {
  return key != null && accessKey?.length === key.length && timingSafeEqual(key, accessKey);
}

/** The calls of gRPC that libsignal makes and the mock server has no routes for. */
export const missingRoutes: { readonly [E in Endpoint]?: Route<E> } = {
  "org.signal.chat.messages.Messages/SendMessage": send,
  "org.signal.chat.messages.Messages/SendSyncMessage": sendSync,
  "org.signal.chat.messages.MessagesAnonymous/SendSingleRecipientMessage": sendSealed,
  "org.signal.chat.keys.Keys/GetPreKeyCount": preKeyCount,
  "org.signal.chat.device.Devices/RemoveDevice": removeDevice,
  "org.signal.chat.device.Devices/GetDevices": devices,
  "org.signal.chat.device.Devices/SetCapabilities": setCapabilities,
  "org.signal.chat.account.AccountsAnonymous/CheckAccountExistence": accountExists,
};
