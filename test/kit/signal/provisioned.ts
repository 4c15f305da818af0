import { createDecipheriv } from "node:crypto";
import type { Net } from "@signalapp/libsignal-client";
import { hkdf, PrivateKey, PublicKey } from "@signalapp/libsignal-client";
import type { Proto } from "@signalapp/mock-server";
import { proto } from "../../../tools/signal-mock/mock-server.ts";

/** Shows a QR code until it was scanned; `show` is called with it. Answers what the phone gave. */
export async function provisioned(
  net: Net.Net,
  show: (qr: string) => Promise<unknown> | undefined,
): Promise<Proto.ProvisionMessage> {
  const key = PrivateKey.generate();
  const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>();
  const connection = await net.connectProvisioning({
    onReceivedAddress: (address, ack) => {
      ack.send(200);
      const pub = encodeURIComponent(Buffer.from(key.getPublicKey().serialize()).toString("base64"));
      show(`sgnl://linkdevice?uuid=${address}&pub_key=${pub}`)?.catch(reject);
    },
    onReceivedEnvelope: (envelope, ack) => {
      ack.send(200);
      resolve(envelope);
    },
    onConnectionInterrupted: (cause) => cause && reject(cause),
  });
  try {
    return opened(key, proto.ProvisionEnvelope.decode(Uint8Array.from(await promise)));
  } finally {
    await connection.disconnect();
  }
}

/** Without a look at the MAC, as it comes from the mock. */
function opened(key: PrivateKey, { publicKey, body }: Proto.ProvisionEnvelope): Proto.ProvisionMessage {
  if (!publicKey || !body) throw new Error("an empty envelope");
  const info = Buffer.from("TextSecure Provisioning Message");
  const secrets = hkdf(64, key.agree(PublicKey.deserialize(publicKey)), info, null);
  const cipher = createDecipheriv("aes-256-cbc", secrets.slice(0, 32), body.slice(1, 17));
  const content = Buffer.concat([cipher.update(body.slice(17, -32)), cipher.final()]);
  return proto.ProvisionMessage.decode(Uint8Array.from(content));
}
