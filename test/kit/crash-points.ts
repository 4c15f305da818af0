import { renameSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { eventually } from "./eventually.ts";
import type { Fault } from "./faulty-proxy.ts";
import type { TestWorld } from "./world.ts";

/** A place in the bridge's work: about a request to the homeserver, or about the commit of certain rows. */
export type CrashPoint = { readonly what: string } & (
  | { readonly before: readonly string[] }
  | { readonly answered: readonly string[] }
  | { readonly when: "before" | "after"; readonly writes: readonly string[] }
);

/** The environment of a bridge that ends where {@link endsAt} says; `file` is where that is written. */
export const crashing = (file: string): Readonly<Record<string, string>> => ({
  NODE_OPTIONS: `--import=${fileURLToPath(new URL("crash-point.js", import.meta.url))}`,
  CRASH_POINT: file,
});

/** Ends the bridge with kill -9 when it comes to a point while `act` goes on, and starts it again. */
export async function endsAt(
  world: TestWorld,
  file: string,
  point: CrashPoint,
  act: () => Promise<void>,
): Promise<void> {
  const { bridge } = world.world;
  if ("when" in point) {
    writeFileSync(`${file}.new`, JSON.stringify(point));
    renameSync(`${file}.new`, file);
    await act();
    await eventually(`the bridge to end ${point.what}`, () => !bridge.running);
  } else {
    const { proxy } = world;
    if (!proxy) throw new Error("the world has no proxy");
    const parts = "before" in point ? point.before : point.answered;
    const fault: Fault = { kind: "before" in point ? "unread" : "unanswered" };
    proxy.poisons(fault, (_method, url) => parts.every((part) => url.includes(part)));
    const met = proxy.faults(1);
    await act();
    await met;
    await bridge.kill("SIGKILL");
    proxy.heals();
  }
  await world.world.startBridge();
}

const ghost = (path: string): readonly string[] => [path, "user_id=%40_tpc_"];

/** While a ghost gets its device and its identity, and gives people the key of a room. */
export const beginnings: readonly CrashPoint[] = [
  { what: "before a ghost's keys are published", before: ghost("/keys/upload") },
  { what: "after they are published, before that is stored", answered: ghost("/keys/upload") },
  { what: "before its identity is published", before: ghost("/device_signing/upload") },
  { what: "after that, before it signs the device", before: ghost("/signatures/upload") },
  { what: "after that, before it is stored", answered: ghost("/signatures/upload") },
  { what: "after people's keys were claimed", answered: ghost("/keys/claim") },
  { what: "before a room's key is stored", when: "before", writes: ["outbound_group_sessions"] },
  { what: "after a room's key is stored", when: "after", writes: ["outbound_group_sessions"] },
  { what: "before a room's key is sent", before: ghost("/sendToDevice/") },
  { what: "after it is sent, before that is stored", answered: ghost("/sendToDevice/") },
];

/** While a message is encrypted and sent. */
export const sends: readonly CrashPoint[] = [
  { what: "after a message is encrypted", when: "before", writes: ["crypto_sealed"] },
  { what: "after its ciphertext is stored", when: "after", writes: ["crypto_sealed"] },
  { what: "after it is sent", answered: ghost("/send/m.room.encrypted/") },
];

/** While a room's key is taken, and what was encrypted with it is read. */
export const receptions: readonly CrashPoint[] = [
  { what: "after a person's key is taken", when: "before", writes: ["inbound_group_sessions3"] },
  { what: "after it is stored, before the next sync", when: "after", writes: ["inbound_group_sessions3"] },
  { what: "after a message is decrypted", when: "before", writes: ["crypto_opened"] },
  { what: "after that is stored", when: "after", writes: ["crypto_opened"] },
];
