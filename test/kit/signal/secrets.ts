import { type Person, textOf } from "../../../tools/signal-mock/person.ts";

/** Texts shorter than this may be in a log for another reason. */
const LONG = 10;

/** What is a secret about one of the mock's people. */
export type SecretsOf = Pick<Person, "name" | "number"> & {
  readonly phone: Pick<Person["phone"], "profileKey" | "masterKey" | "accountEntropyPool">;
  readonly journal: Pick<Person["journal"], "entries">;
  readonly outbox: Pick<Person["outbox"], "texts">;
};

/** What of Signal's a log holds that it may not: keys, numbers, names and texts of the mock's people, and QR codes. */
export function leaksIn(
  log: unknown,
  { people }: { readonly people: readonly SecretsOf[] },
  passwords: readonly string[],
): readonly string[] {
  const written = [...stringsIn(log, new Set())].join("\n");
  const kept = [...people.flatMap(secretsOf), ...passwords, "sgnl:", "sgnl%3A", "linkdevice"];
  const names = people.map(({ name }) => name).filter((name) => isWordIn(written, name));
  return [...kept.filter((secret) => written.includes(secret)), ...names];
}

function secretsOf({ number, phone, journal, outbox }: SecretsOf): readonly string[] {
  const heard = journal.entries.flatMap((entry) => textOf(entry) ?? []);
  const texts = [...heard, ...outbox.texts].filter(({ length }) => length >= LONG);
  const keys = [phone.profileKey.serialize(), phone.masterKey].flatMap(shownAs);
  // A log may write the sign before it in many ways.
  const numbers = number === "" ? [] : [number.replace("+", "")];
  return [...numbers, phone.accountEntropyPool, ...keys, ...texts];
}

/** As a log might show bytes. */
const shownAs = (bytes: Uint8Array): readonly string[] => [
  ...(["hex", "base64", "base64url"] as const).map((form) => Buffer.from(bytes).toString(form)),
  encodeURIComponent(Buffer.from(bytes).toString("base64")),
  [...bytes].join(","),
  [...bytes].join(", "),
];

const isWordIn = (text: string, word: string): boolean =>
  new RegExp(
    `(?<![\\p{L}\\p{N}])${word.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&")}(?![\\p{L}\\p{N}])`,
    "u",
  ).test(text);

/** All that is in a line's words and fields, as it is and not as JSON escapes it; of errors their causes too. */
function* stringsIn(value: unknown, seen: Set<object>): Generator<string> {
  if (typeof value !== "object" || value === null) {
    yield String(value);
    return;
  }
  if (seen.has(value)) return;
  seen.add(value);
  if (value instanceof Uint8Array) yield Buffer.from(value).toString("hex");
  else if (value instanceof Map || value instanceof Set)
    for (const entry of value) yield* stringsIn(entry, seen);
  else {
    if (value instanceof Error) yield `${value.message}\n${value.stack}`;
    for (const key of Reflect.ownKeys(value)) {
      yield String(key);
      yield* stringsIn(Reflect.get(value, key), seen);
    }
  }
  if (Array.isArray(value)) yield value.join(",");
}
