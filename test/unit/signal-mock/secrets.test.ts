import { expect, test } from "@jest/globals";
import { leaksIn, type SecretsOf } from "../../kit/signal/secrets.ts";

const key = Uint8Array.from({ length: 32 }, (_, index) => (index * 37 + 11) % 256);
const master = key.toReversed();
const shown = Buffer.from(key).toString("base64");
const heard = { content: { content: { dataMessage: { body: 'he said "I love you"\nto her' } } } };
const phone = { profileKey: { serialize: () => key }, masterKey: master, accountEntropyPool: "e".repeat(64) };
const ana = {
  name: "Ana",
  number: "+31612345678",
  phone,
  journal: { entries: [heard] },
  outbox: { texts: ["see you at the café"] },
} as unknown as SecretsOf;
const people = [ana, { ...ana, name: "Émile d'Or" }];
const leaks = (...lines: readonly unknown[]) => leaksIn(lines, { people }, ["a-password"]);

const planted: readonly (readonly [string, unknown])[] = [
  ["a QR code", "sgnl://linkdevice?uuid=abc&pub_key=BQ%3D%3D"],
  ["a QR code in an address", "https://example.org/qr?text=sgnl%3A%2F%2Flink"],
  ["a profile key in base64", shown],
  ["a profile key in base64 for addresses", Buffer.from(key).toString("base64url")],
  ["a profile key in hexadecimal", Buffer.from(key).toString("hex")],
  ["a profile key's bytes", key],
  ["a profile key's bytes in a list", [...key]],
  ["a profile key in a query", `?key=${encodeURIComponent(shown)}`],
  ["a master key", Buffer.from(master).toString("base64")],
  ["a master key as a Buffer", Buffer.from(master)],
  ["an entropy pool", "e".repeat(64)],
  ["a password", "Basic a-password"],
  ["a number", "no answer from +31612345678"],
  ["a number in an address", "/v1/accounts/%2B31612345678"],
  ["a name", "Ana wrote"],
  ["a name with other letters", "from Émile d'Or, who left"],
  ["a text that was sent to somebody", 'he said "I love you"\nto her'],
  ["a text that somebody wrote", "see you at the café"],
];

test.each(planted)("%s is caught in a log's words, fields, errors and causes", (_, secret) => {
  const text = typeof secret === "string" ? secret : undefined;
  for (const line of [
    ...(text === undefined ? [] : [{ message: `it failed: ${text}` }, { fields: { [text]: 1 } }]),
    { message: "it failed", fields: { deep: [{ in: secret }] } },
    { message: "it failed", fields: new Map([["a", secret]]) },
    {
      message: "it failed",
      error: new Error("outer", { cause: new Error(text ?? "", { cause: { secret } }) }),
    },
  ])
    expect(leaks({ level: "info", message: "all is well" }, line)).not.toEqual([]);
});

test("ids, counts and words that only look like it are none", () => {
  const circle: Record<string, unknown> = { login: "0199-login", message: 1_764_000_000_000 };
  circle["self"] = circle;
  expect(
    leaks({ level: "warn", message: "Anatomy of Banana: a message was dropped", fields: circle }, [1, 2, 3]),
  ).toEqual([]);
});
