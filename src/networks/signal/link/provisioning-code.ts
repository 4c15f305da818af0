import type { Net } from "@signalapp/libsignal-client";
import { PrivateKey } from "@signalapp/libsignal-client";
import type { SharedNet } from "../service/shared-net.ts";

/** A code that a phone can scan, and the connection on which its answer comes. */
export interface ProvisioningCode {
  /** What the QR code says. It is a secret: whoever answers it, links the bridge. */
  readonly url: string;
  /** Resolves with what a phone sent after it scanned the code: its envelope, and the key that opens it. */
  readonly scanned: Promise<ScannedCode>;
  /** Resolves when nothing can come any more. */
  readonly lost: Promise<void>;
  close(): void;
}

export interface ScannedCode {
  readonly envelope: Uint8Array;
  /** 32 bytes. */
  readonly privateKey: Uint8Array;
}

/**
 * Opens a connection on which a phone may hand its account over, and resolves with the code that leads there. Throws
 * what libsignal throws.
 */
export async function openProvisioningCode(
  shared: SharedNet,
  signal: AbortSignal,
): Promise<ProvisioningCode> {
  const key = PrivateKey.generate();
  const address = Promise.withResolvers<string>();
  const scanned = Promise.withResolvers<ScannedCode>();
  const lost = Promise.withResolvers<void>();
  address.promise.catch(() => undefined);
  const listener: Net.ProvisioningConnectionListener = {
    onReceivedAddress(text, ack) {
      ack.send(200);
      address.resolve(text);
    },
    onReceivedEnvelope(envelope, ack) {
      ack.send(200);
      scanned.resolve({ envelope, privateKey: key.serialize() });
    },
    onConnectionInterrupted(cause) {
      address.reject(cause ?? new Error("the connection was closed"));
      lost.resolve();
    },
  };
  const { net } = shared;
  const connection = await net
    .connectProvisioning(listener, { abortSignal: signal })
    .catch((error: unknown) => {
      shared.failed(net);
      throw error;
    });
  const close = (): void => void connection.disconnect().catch(() => undefined);
  try {
    const url = linkUrl(await address.promise, key.getPublicKey().serialize());
    return { url, scanned: scanned.promise, lost: lost.promise, close };
  } catch (error) {
    close();
    throw error;
  }
}

/** As Signal's phones read it; the key has its type byte. */
function linkUrl(address: string, publicKey: Uint8Array): string {
  const query = new URLSearchParams({ uuid: address, pub_key: Buffer.from(publicKey).toString("base64") });
  return `sgnl://linkdevice?${query.toString()}`;
}
