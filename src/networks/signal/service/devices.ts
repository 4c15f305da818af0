import type { Account } from "../account.ts";
import type { Chat } from "./chat.ts";
import { type Requesting, requestJson } from "./json-requests.ts";
import { serviceFailure } from "./service-errors.ts";
import type { SharedNet } from "./shared-net.ts";

/** How the server knows one of an account's devices. */
export const deviceName = ({ aci, deviceId }: Pick<Account, "aci" | "deviceId">): string =>
  `${aci}.${deviceId}`;

const TIMEOUT = 20_000;

/**
 * What this device tells the server it can do. The account's own are all among them, or the server refuses the link: an
 * account must not lose one by a new device.
 */
export const DECLARED_CAPABILITIES = {
  attachmentBackfill: true,
  spqr: true,
  usernameChangeSyncMessage: true,
} as const;

/** Tells the server again what this device can do, which a newer version may do more of. Throws ServiceRefusal. */
export async function declareCapabilities(connection: Requesting): Promise<void> {
  await requestJson(connection, {
    verb: "PUT",
    path: "/v1/devices/capabilities",
    body: DECLARED_CAPABILITIES,
  });
}

/**
 * Removes this bridge from the account's linked devices, over a connection of its own; a device that is gone already is
 * success. Throws what libsignal throws.
 */
export async function removeOwnDevice(shared: SharedNet, account: Account): Promise<void> {
  try {
    await remove(shared, account);
  } catch {
    // The server may end the removed device's connection before it answers on it; then it does not take another one.
    await remove(shared, account);
  }
}

async function remove(shared: SharedNet, account: Account): Promise<void> {
  const { net } = shared;
  const abortSignal = AbortSignal.timeout(TIMEOUT);
  try {
    const listener = { onConnectionInterrupted: () => undefined, onIncomingMessage: () => undefined };
    const connection = (await net.connectAuthenticatedChat(
      deviceName(account),
      account.password,
      false,
      { ...listener, onQueueEmpty: () => undefined },
      { abortSignal },
    )) as Chat["authenticated"];
    try {
      await connection.removeDevice({ deviceId: account.deviceId }, { abortSignal });
    } finally {
      await connection.disconnect();
    }
  } catch (error) {
    const { kind } = serviceFailure(error);
    if (kind === "unlinked" || kind === "unauthorized") return;
    shared.failed(net);
    throw error;
  }
}
