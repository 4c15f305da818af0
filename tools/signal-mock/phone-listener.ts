import type { PrimaryDevice } from "@signalapp/mock-server";
import type { NewHeard } from "./journal.ts";
import { EnvelopeType, ServiceIdKind } from "./mock-server.ts";
import { internals } from "./phone-internals.ts";

/**
 * Tells of everything that a phone reads, in order. The mock sorts it into queues of its own, which say nothing of the
 * order between them and leave typing out; so it is taken where it was decrypted.
 */
export function listen(phone: PrimaryDevice, heard: (entry: NewHeard) => void): void {
  const inside = internals(phone);
  const decrypt = inside.decrypt.bind(phone);
  let sealed = false;
  inside.decrypt = async (source, kind, type, bytes) => {
    // A sealed message is decrypted by a second call, for what was in it.
    if (type === EnvelopeType.SealedSender) {
      sealed = true;
      try {
        return await decrypt(source, kind, type, bytes);
      } finally {
        sealed = false;
      }
    }
    const read = await decrypt(source, kind, type, bytes);
    heard({
      from: read.unsealedSource.aci,
      device: read.unsealedSource.deviceId,
      to: kind === ServiceIdKind.PNI ? "pni" : "aci",
      sealed,
      at: Date.now(),
      content: read.content,
    });
    return read;
  };
}
