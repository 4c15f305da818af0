import { type CiphertextMessage, ServiceId } from "@signalapp/libsignal-client";
import type { Chat } from "./chat.ts";

/** What one device of the recipient gets. */
export interface DeviceMessage {
  readonly device: number;
  readonly registration: number;
  readonly message: CiphertextMessage;
  /** The message without its sender's name on it. */
  readonly sealed?: Uint8Array<ArrayBuffer>;
}

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
 * Sends to all devices of a person without telling the server who sends. `accessKey` is derived from the person's
 * profile key. Throws libsignal's errors, see failures.ts.
 */
export async function sendSealed(
  chat: Chat,
  { to, timestamp, online, urgent }: MessageHead,
  devices: readonly (DeviceMessage & { readonly sealed: Uint8Array<ArrayBuffer> })[],
  accessKey: Uint8Array<ArrayBuffer>,
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
    auth: { accessKey },
    onlineOnly: online,
    urgent,
  });
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
