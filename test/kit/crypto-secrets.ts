import { deserialize } from "node:v8";
import Database from "better-sqlite3";

/** Bytes of the shortest key. */
const SHORTEST = 32;
const KEY_TEXT = /^[\w+/-]{43,}={0,2}$/;

/**
 * All that a bridge's database has of keys for encrypted rooms, in the forms in which a log could hold it: base64, hex, and
 * numbers. Public keys are among them, as nothing tells them apart, and no log needs them either.
 */
export function cryptoSecretsIn(file: string): readonly string[] {
  using stack = new DisposableStack();
  const db = stack.adopt(new Database(file, { readonly: true }), (opened) => opened.close());
  const has = db.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'crypto_device'").get() !== undefined;
  if (!has) return [];
  const found = new Set<string>();
  const seeds = db
    .prepare<[], string>("SELECT seeds FROM crypto_device WHERE seeds IS NOT NULL")
    .pluck()
    .all();
  for (const text of seeds) collect(JSON.parse(text), found);
  for (const value of db.prepare<[], Uint8Array>("SELECT value FROM crypto_row").pluck().iterate())
    collect(deserialize(value), found);
  return [...found];
}

function collect(value: unknown, found: Set<string>): void {
  if (typeof value === "string") {
    if (!KEY_TEXT.test(value)) return;
    found.add(value.replace(/=+$/, ""));
    // The library keeps its records as JSON in base64.
    const inside = Buffer.from(value, "base64").toString();
    if (inside.startsWith("{")) collect(parsed(inside), found);
  } else if (value instanceof Uint8Array || isBytes(value)) {
    const bytes = Buffer.from(value);
    if (bytes.length < SHORTEST) return;
    for (const form of ["base64", "base64url", "hex"] as const)
      found.add(bytes.toString(form).replace(/=+$/, ""));
    found.add([...bytes].join(","));
  } else if (typeof value === "object" && value !== null) {
    for (const [name, one] of value instanceof Map ? value : Object.entries(value)) {
      collect(name, found);
      collect(one, found);
    }
  }
}

const isBytes = (value: unknown): value is number[] =>
  Array.isArray(value) &&
  value.length >= SHORTEST &&
  value.every((one) => Number.isInteger(one) && one >= 0 && one < 256);

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
