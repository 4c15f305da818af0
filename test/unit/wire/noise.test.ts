import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { INTRO } from "../../../src/networks/meta-interop/wire/noise/frames.ts";
import { NoiseXX } from "../../../src/networks/meta-interop/wire/noise/noise.ts";
import { generateKeyPair } from "../../../src/networks/meta-interop/wire/noise/x25519.ts";
import { flipped, reasonOf } from "./expect-wire-error.ts";

const empty = new Uint8Array(0);
const keys = { initiator: generateKeyPair(), responder: generateKeyPair() } as const;
const side = (role: "initiator" | "responder", prologue: Uint8Array = INTRO): NoiseXX =>
  new NoiseXX({ role, prologue, static: keys[role] });

describe("refusals of the Noise handshake", () => {
  test("another prologue", () => {
    const initiator = side("initiator");
    const responder = side("responder", Buffer.from("WA\x06\x02"));
    responder.readMessage(initiator.writeMessage(empty));
    const answer = responder.writeMessage(empty);
    expect(reasonOf(() => initiator.readMessage(answer))).toBe("noise");
  });

  test("an ephemeral key of low order, from either side", () => {
    const responder = side("responder");
    responder.readMessage(new Uint8Array(32));
    expect(reasonOf(() => responder.writeMessage(empty))).toBe("noise");
    const initiator = side("initiator");
    initiator.writeMessage(empty);
    expect(reasonOf(() => initiator.readMessage(new Uint8Array(32 + 48 + 16)))).toBe("noise");
  });

  test("a static key of low order: the handshake ends before its owner is believed", () => {
    const zero = { ...keys.responder, publicKey: new Uint8Array(32) };
    const responder = new NoiseXX({ role: "responder", prologue: INTRO, static: zero });
    const initiator = side("initiator");
    responder.readMessage(initiator.writeMessage(empty));
    const answer = responder.writeMessage(empty);
    expect(reasonOf(() => initiator.readMessage(answer))).toBe("noise");
    expect(initiator.remoteStatic).toBeUndefined();
  });

  test("any bit of the second message", () => {
    fc.assert(
      fc.property(fc.nat(8 * (32 + 48 + 5 + 16) - 1), (bit) => {
        const [initiator, responder] = [side("initiator"), side("responder")];
        responder.readMessage(initiator.writeMessage(empty));
        const answer = responder.writeMessage(Buffer.from("chain"));
        expect(reasonOf(() => initiator.readMessage(flipped(answer, bit)))).toBe("noise");
        expect(reasonOf(() => initiator.readMessage(answer))).toBe("noise");
      }),
    );
  });

  test("any bit of the third message, and of the first as soon as there is a key", () => {
    fc.assert(
      fc.property(fc.nat(8 * (48 + 5 + 16) - 1), fc.nat(8 * 37 - 1), (bit, firstBit) => {
        const [initiator, responder] = [side("initiator"), side("responder")];
        responder.readMessage(initiator.writeMessage(empty));
        initiator.readMessage(responder.writeMessage(empty));
        const last = initiator.writeMessage(Buffer.from("token"));
        expect(reasonOf(() => responder.readMessage(flipped(last, bit)))).toBe("noise");
        const [other, victim] = [side("initiator"), side("responder")];
        victim.readMessage(flipped(other.writeMessage(Buffer.from("hello")), firstBit));
        const answer = victim.writeMessage(empty);
        expect(reasonOf(() => other.readMessage(answer))).toBe("noise");
      }),
      { numRuns: 50 },
    );
  });

  test("a message cut short", () => {
    const [initiator, responder] = [side("initiator"), side("responder")];
    const hello = initiator.writeMessage(empty);
    expect(reasonOf(() => responder.readMessage(hello.subarray(0, 31)))).toBe("noise");
    const again = side("responder");
    again.readMessage(hello);
    const answer = again.writeMessage(empty);
    for (const length of [0, 31, 32, 79, 80, answer.length - 1]) {
      const fresh = side("initiator");
      fresh.writeMessage(empty);
      expect(reasonOf(() => fresh.readMessage(answer.subarray(0, length)))).toBe("noise");
    }
  });

  test("a step out of turn, and ciphers before the end", () => {
    expect(reasonOf(() => side("responder").writeMessage(empty))).toBe("noise");
    expect(reasonOf(() => side("initiator").readMessage(empty))).toBe("noise");
    const initiator = side("initiator");
    initiator.writeMessage(empty);
    expect(reasonOf(() => initiator.writeMessage(empty))).toBe("noise");
    expect(reasonOf(() => initiator.split())).toBe("noise");
  });
});
