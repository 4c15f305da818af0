import type { Device, EnvelopeType, PrimaryDevice, Proto, ServiceIdKind } from "@signalapp/mock-server";

interface Decrypted {
  readonly unsealedSource: Device;
  readonly content: Proto.Content;
  readonly envelopeType: EnvelopeType;
}

type Decrypt = (
  source: Device | undefined,
  kind: ServiceIdKind,
  type: EnvelopeType,
  bytes: Buffer<ArrayBuffer>,
) => Promise<Decrypted>;

/** What of the mock's phone is private, and needed to play it: its typings hide it, its code does not. */
interface PhoneInternals {
  decrypt: Decrypt;
  readonly sessions: { readonly sessions: Map<string, unknown> };
  encryptContent(
    target: Device,
    content: Proto.Content.Params,
    options: { readonly timestamp: number; readonly sealed: boolean; readonly serviceIdKind: ServiceIdKind },
  ): Promise<Buffer<ArrayBuffer>>;
}

export const internals = (phone: PrimaryDevice): PhoneInternals => phone as unknown as PhoneInternals;
