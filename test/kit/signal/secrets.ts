import { type Person, textOf } from "../../../tools/signal-mock/person.ts";
import type { SignalMock } from "../../../tools/signal-mock/signal-mock.ts";

/** Texts shorter than this may be in a log for another reason. */
const LONG = 10;

/** What of Signal's a log holds that it may not: keys, numbers, names and texts of the mock's people, and QR codes. */
export function leaksIn(
  log: unknown,
  { people }: SignalMock,
  passwords: readonly string[],
): readonly string[] {
  const written = JSON.stringify(log);
  const kept = [...people.flatMap(secretsOf), ...passwords, "sgnl://"];
  const names = people.map(({ name }) => name).filter((name) => new RegExp(`\\b${name}\\b`).test(written));
  return [...kept.filter((secret) => written.includes(secret)), ...names];
}

function secretsOf({ number, phone, journal }: Person): readonly string[] {
  const heard = journal.entries
    .flatMap((entry) => textOf(entry) ?? [])
    .filter(({ length }) => length >= LONG);
  const keys = [phone.profileKey.serialize(), phone.masterKey].flatMap(shownAs);
  return [number, phone.accountEntropyPool, ...keys, ...heard];
}

/** As a log might show bytes. */
const shownAs = (bytes: Uint8Array): readonly string[] => [
  ...(["hex", "base64", "base64url"] as const).map((form) => Buffer.from(bytes).toString(form)),
  [...bytes].join(","),
];
