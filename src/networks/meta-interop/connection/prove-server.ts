import { WebSocket } from "ws";
import { encodeFrame, FrameDecoder, INTRO } from "../wire/noise/frames.ts";
import { ClientHandshake } from "../wire/noise/handshake.ts";
import { generateKeyPair } from "../wire/noise/x25519.ts";

const TIMEOUT = 10_000;
const NOTHING = new Uint8Array(0);

/**
 * Begins a connection to a chat server, up to its proof by the root key, and leaves before saying who we are. Rejects with
 * what is wrong, a `WireError` where it does not prove itself.
 */
export function proveServer(server: {
  readonly url: string;
  readonly rootKey: Uint8Array;
  readonly now: Date;
}): Promise<void> {
  const { url, rootKey, now } = server;
  const handshake = new ClientHandshake({ static: generateKeyPair(), rootKey, now });
  const frames = new FrameDecoder({ expectIntro: false });
  const ws = new WebSocket(url, {
    handshakeTimeout: TIMEOUT,
    followRedirects: false,
    perMessageDeflate: false,
  });
  return new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error("handshake timeout")), TIMEOUT);
    ws.on("open", () => ws.send(Buffer.concat([INTRO, encodeFrame(handshake.hello())])));
    ws.on("message", (data) => {
      try {
        const chunk = Array.isArray(data) ? Buffer.concat(data) : new Uint8Array(data);
        for (const frame of frames.push(chunk)) {
          handshake.finish(frame, NOTHING);
          resolve();
        }
      } catch (error) {
        reject(error instanceof Error ? error : new Error(String(error)));
      }
    });
    ws.on("error", reject);
    ws.on("close", () => {
      clearTimeout(timer);
      reject(new Error("closed"));
    });
  }).finally(() => ws.terminate());
}
