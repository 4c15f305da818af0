import { readFileSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";
import { NoiseXX } from "../../../src/networks/meta-interop/wire/noise/noise.ts";
import { keyPairOf } from "../../../src/networks/meta-interop/wire/noise/x25519.ts";

interface Vector {
  readonly protocol_name: string;
  readonly init_prologue: string;
  readonly init_static: string;
  readonly init_ephemeral: string;
  readonly resp_prologue: string;
  readonly resp_static: string;
  readonly resp_ephemeral: string;
  readonly handshake_hash?: string;
  readonly messages: readonly { readonly payload: string; readonly ciphertext: string }[];
}

const raw = (hex: string): Uint8Array => Buffer.from(hex, "hex");
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const pair = (hex: string) => keyPairOf(raw(hex));

const vectors = ["cacophony", "snow"].flatMap((file) => {
  const text = readFileSync(new URL(`../../vectors/noise/${file}.json`, import.meta.url), "utf8");
  return (JSON.parse(text) as { vectors: Vector[] }).vectors.map((vector) => ({ file, vector }));
});

const handshakeMessages = 3;

describe.each(vectors)("the published vector of $file: $vector.protocol_name", ({ vector }) => {
  test("every handshake and transport message, both ways, and the handshake's hash", () => {
    expect(vector.protocol_name).toBe("Noise_XX_25519_AESGCM_SHA256");
    const initiator = new NoiseXX({
      role: "initiator",
      prologue: raw(vector.init_prologue),
      static: pair(vector.init_static),
      ephemeral: pair(vector.init_ephemeral),
    });
    const responder = new NoiseXX({
      role: "responder",
      prologue: raw(vector.resp_prologue),
      static: pair(vector.resp_static),
      ephemeral: pair(vector.resp_ephemeral),
    });
    for (const [turn, { payload, ciphertext }] of vector.messages.slice(0, handshakeMessages).entries()) {
      const [from, to] = turn % 2 === 0 ? [initiator, responder] : [responder, initiator];
      expect(hex(from.writeMessage(raw(payload)))).toBe(ciphertext);
      expect(hex(to.readMessage(raw(ciphertext)))).toBe(payload);
    }
    expect(hex(initiator.remoteStatic ?? raw(""))).toBe(hex(pair(vector.resp_static).publicKey));
    expect(hex(responder.remoteStatic ?? raw(""))).toBe(hex(pair(vector.init_static).publicKey));
    const [one, other] = [initiator.split(), responder.split()];
    expect(hex(other.handshakeHash)).toBe(hex(one.handshakeHash));
    if (vector.handshake_hash !== undefined) expect(hex(one.handshakeHash)).toBe(vector.handshake_hash);
    for (const [after, { payload, ciphertext }] of vector.messages.slice(handshakeMessages).entries()) {
      const [from, to] = after % 2 === 0 ? [other, one] : [one, other];
      expect(hex(from.send.encrypt(raw(payload)))).toBe(ciphertext);
      expect(hex(to.receive.decrypt(raw(ciphertext)))).toBe(payload);
    }
  });
});

test("both published files are there", () => {
  expect(vectors.map(({ file }) => file)).toEqual(["cacophony", "snow"]);
});
