import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { beforeEach, describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { HandshakeMessageSchema } from "../../../src/networks/meta-interop/wire/gen/handshake_pb.js";
import { issueChain } from "../../../src/networks/meta-interop/wire/noise/certificate.ts";
import { ClientHandshake, ServerHandshake } from "../../../src/networks/meta-interop/wire/noise/handshake.ts";
import { generateKeyPair } from "../../../src/networks/meta-interop/wire/noise/x25519.ts";
import { flipped, onlyWireErrors, reasonOf } from "./expect-wire-error.ts";

const [root, serverKey, clientKey] = [generateKeyPair(), generateKeyPair(), generateKeyPair()];
const now = new Date("2026-11-21T12:00:00Z");
const [notBefore, notAfter] = [new Date(now.getTime() - 1000), new Date(now.getTime() + 1000)];
const chain = issueChain({
  rootKey: root.privateKey,
  serverStatic: serverKey.publicKey,
  notBefore,
  notAfter,
});
const payload = Buffer.from("a client payload");

let client: ClientHandshake;
let server: ServerHandshake;

beforeEach(() => {
  client = new ClientHandshake({ static: clientKey, rootKey: root.publicKey, now });
  server = new ServerHandshake({ static: serverKey, chain });
});

function finish() {
  const { message, transport } = client.finish(server.hello(client.hello()), payload);
  return { ours: transport, theirs: server.finish(message) };
}

describe("the handshake in its three messages", () => {
  test("proves both keys, carries the payload, and leaves a transport each way", () => {
    const { ours, theirs } = finish();
    expect([...theirs.clientPayload]).toEqual([...payload]);
    expect([...theirs.clientStatic]).toEqual([...clientKey.publicKey]);
    for (const text of ["one", "two", ""]) {
      expect(Buffer.from(theirs.transport.open(ours.seal(Buffer.from(text)))).toString()).toBe(text);
      expect(Buffer.from(ours.open(theirs.transport.seal(Buffer.from(text)))).toString()).toBe(text);
    }
  });

  test("has the published protobuf form", () => {
    const hello = client.hello();
    expect([...hello.subarray(0, 4)]).toEqual([0x12, 34, 0x0a, 32]);
    const answer = fromBinary(HandshakeMessageSchema, server.hello(hello)).serverHello;
    expect([answer?.ephemeral.length, answer?.static.length, answer?.payload.length]).toEqual([
      32,
      48,
      chain.length + 16,
    ]);
  });

  test("the client sends no payload to a server whose chain is not from the pinned root", () => {
    const other = new ClientHandshake({ static: clientKey, rootKey: generateKeyPair().publicKey, now });
    expect(reasonOf(() => other.finish(server.hello(other.hello()), payload))).toBe("certificate");
  });

  test("a server that shows another server's chain", () => {
    const impostor = new ServerHandshake({ static: generateKeyPair(), chain });
    expect(reasonOf(() => client.finish(impostor.hello(client.hello()), payload))).toBe("certificate");
  });

  test("a frame that is changed, repeated or out of order ends the connection", () => {
    const { ours, theirs } = finish();
    const [first, second] = [ours.seal(Buffer.from("a")), ours.seal(Buffer.from("b"))];
    theirs.transport.open(first);
    expect(reasonOf(() => theirs.transport.open(first))).toBe("noise");
    expect(reasonOf(() => theirs.transport.open(second))).toBe("noise");
    const answer = theirs.transport.seal(Buffer.from("c"));
    expect(reasonOf(() => ours.open(flipped(answer, 3)))).toBe("noise");
    expect(reasonOf(() => ours.open(answer))).toBe("noise");
  });

  test("one side's message is not the other's", () => {
    const hello = client.hello();
    const again = server.hello(hello);
    expect(reasonOf(() => client.finish(hello, payload))).toBe("protobuf");
    expect(reasonOf(() => server.finish(again))).toBe("protobuf");
  });

  test("keys of another length do not move the cuts", () => {
    const encode = (length: number) =>
      toBinary(
        HandshakeMessageSchema,
        create(HandshakeMessageSchema, { clientHello: { ephemeral: new Uint8Array(length) } }),
      );
    expect(reasonOf(() => server.hello(encode(31)))).toBe("protobuf");
    expect(reasonOf(() => server.hello(encode(33)))).toBe("protobuf");
  });

  test("noise instead of messages, changed and cut ones", () => {
    const hello = client.hello();
    const answer = server.hello(hello);
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 300 }),
        fc.nat(),
        fc.nat(answer.length - 1),
        (junk, bit, length) => {
          const fresh = (): ServerHandshake => new ServerHandshake({ static: serverKey, chain });
          onlyWireErrors(() => fresh().hello(junk));
          onlyWireErrors(() => fresh().hello(flipped(hello, bit)));
          onlyWireErrors(() => client.finish(flipped(answer, bit), payload));
          onlyWireErrors(() => client.finish(answer.subarray(0, length), payload));
          onlyWireErrors(() => server.finish(junk));
        },
      ),
    );
  });
});
