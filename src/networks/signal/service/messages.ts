import { type CiphertextMessage, ServiceId } from "@signalapp/libsignal-client";
import type { GroupSendFullToken } from "@signalapp/libsignal-client/dist/zkgroup/index.js";
import type { Chat } from "./chat.ts";

/** What one device of the recipient gets. */
export interface DeviceMessage {
  readonly device: number;
  readonly registration: number;
  readonly message: CiphertextMessage;
  /** The message without its sender's name on it. */
  readonly sealed?: Uint8Array<ArrayBuffer>;
}

/**
 * What lets us write to somebody without the server learning who does: derived from their profile key, or that we are in
 * a group with them.
 */
export type SealedAccess = { readonly accessKey: Uint8Array<ArrayBuffer> } | GroupSendFullToken;

interface MessageHead {
  /** The recipient's service id. */
  readonly to: string;
  /** Milliseconds since the epoch: the message's name. */
  readonly timestamp: number;
  /** Only for devices that are connected now. */
  readonly online: boolean;
  /** Whether the recipient's phone is to be woken. */
  readonly urgent: boolean;
}

/** Sends to all devices of a person. Throws libsignal's errors, see failures.ts. */
export async function sendUnsealed(
  { authenticated }: Chat,
  { to, timestamp, online, urgent }: MessageHead,
  devices: readonly DeviceMessage[],
): Promise<void> {
  await authenticated.sendMessage({
    destination: ServiceId.parseFromServiceIdString(to),
    timestamp,
    contents: devices.map(outbound),
    onlineOnly: online,
    urgent,
  });
}

/**
 * Sends to all devices of a person without telling the server who sends. Throws libsignal's errors, see failures.ts.
 */
export async function sendSealed(
  chat: Chat,
  { to, timestamp, online, urgent }: MessageHead,
  devices: readonly (DeviceMessage & { readonly sealed: Uint8Array<ArrayBuffer> })[],
  access: SealedAccess,
): Promise<void> {
  const anonymous = await chat.anonymous();
  await anonymous.sendMessage({
    destination: ServiceId.parseFromServiceIdString(to),
    timestamp,
    contents: devices.map(({ device, registration, sealed }) => ({
      deviceId: device,
      registrationId: registration,
      contents: sealed,
    })),
    auth: access,
    onlineOnly: online,
    urgent,
  });
}

/**
 * Sends what was sealed for many, at once and to all of their devices. Resolves to the service ids of those who have no
 * account any more, whom it did not reach. Throws libsignal's errors, see failures.ts.
 */
export async function sendToMany(
  chat: Chat,
  { timestamp, online, urgent }: Omit<MessageHead, "to">,
  payload: Uint8Array<ArrayBuffer>,
  token: GroupSendFullToken,
): Promise<readonly string[]> {
  const anonymous = await chat.anonymous();
  const { unregisteredIds } = await anonymous.sendMultiRecipientMessage({
    payload,
    timestamp,
    auth: token,
    onlineOnly: online,
    urgent,
  });
  return unregisteredIds.map((id) => id.getServiceIdString());
}

/** Sends to all our other devices. Throws libsignal's errors, see failures.ts. */
export async function sendToOwnDevices(
  { authenticated }: Chat,
  { timestamp, urgent }: Pick<MessageHead, "timestamp" | "urgent">,
  devices: readonly DeviceMessage[],
): Promise<void> {
  await authenticated.sendSyncMessage({ timestamp, contents: devices.map(outbound), urgent });
}

const outbound = ({ device, registration, message }: DeviceMessage) => ({
  deviceId: device,
  registrationId: registration,
  contents: message,
});
