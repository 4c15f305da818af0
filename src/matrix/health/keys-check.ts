import { createPrivateKey, createPublicKey, type KeyObject, verify } from "node:crypto";
import type { UserId } from "../../core/model/ids.ts";
import { faultOfReply } from "../http/homeserver-error.ts";
import { fieldOf } from "../http/json.ts";
import { namespaceOf } from "../http/namespace.ts";
import { type Requests, route } from "../http/requests.ts";
import { type CheckOptions, withRequests } from "./check-context.ts";

/** A device of one of our users, as it is stored here. */
export interface OwnDevice {
  readonly user: UserId;
  readonly device: string;
  /** Its public Ed25519 key in unpadded base64. */
  readonly key?: string | undefined;
  /** The private master key of its user in unpadded base64. */
  readonly master?: string | undefined;
}

/** What is wrong with a device at the homeserver: there is none, it has another key, or nobody who counts has signed it. */
type Fault = "absent" | "another" | "unsigned";

interface KeysFound {
  readonly faults: readonly { readonly user: UserId; readonly fault: Fault }[];
  /** One-time keys of the bot's that are left there. */
  readonly oneTimeKeys: number;
  /** Users who only send, and yet have one-time keys there. */
  readonly receiving: readonly UserId[];
  /** Other devices of the bot's with keys. */
  readonly strays: readonly string[];
}

/** Asks the homeserver for the keys of these devices, the bot's among them. Throws BridgeError. */
export const checkKeys = (options: CheckOptions, devices: readonly OwnDevice[]): Promise<KeysFound> =>
  withRequests(options, async ({ requests, names }) => {
    const { bot } = namespaceOf(names);
    const wanted = Object.fromEntries(devices.map(({ user }) => [user, []]));
    const answer = await asked(requests, "query", bot, undefined, { device_keys: wanted });
    const faults = devices.flatMap((own) => {
      const fault = faultOf(own, answer);
      return fault === undefined ? [] : [{ user: own.user, fault }];
    });
    let oneTimeKeys = 0;
    const receiving: UserId[] = [];
    for (const { user, device } of devices) {
      if (faults.some((one) => one.user === user && one.fault === "absent")) continue;
      const count = await keysLeft(requests, user, device);
      if (user === bot) oneTimeKeys = count;
      else if (count > 0) receiving.push(user);
    }
    const own = devices.find(({ user }) => user === bot)?.device;
    const all = Object.keys(fieldOf(fieldOf(answer, "device_keys"), bot) ?? {});
    return { faults, oneTimeKeys, receiving, strays: all.filter((device) => device !== own) };
  });

async function asked(
  requests: Requests,
  what: "query" | "upload",
  as: UserId,
  device: string | undefined,
  body: object,
): Promise<unknown> {
  const path = route`/_matrix/client/v3/keys/${what}`;
  const reply = await requests.ask({
    method: "POST",
    path,
    as,
    body,
    ...(device !== undefined && { device }),
  });
  if (reply.status !== 200) throw faultOfReply(reply);
  return reply.body;
}

/** An upload of nothing answers how many there are (spec: `POST /keys/upload`). */
async function keysLeft(requests: Requests, user: UserId, device: string): Promise<number> {
  const answer = await asked(requests, "upload", user, device, {});
  const count = fieldOf(fieldOf(answer, "one_time_key_counts"), "signed_curve25519");
  return typeof count === "number" ? count : 0;
}

function faultOf({ user, device, key, master }: OwnDevice, answer: unknown): Fault | undefined {
  const of = (what: string): unknown => fieldOf(fieldOf(answer, what), user);
  const keys = fieldOf(of("device_keys"), device);
  if (keys === undefined) return "absent";
  const there = fieldOf(fieldOf(keys, "keys"), `ed25519:${device}`);
  if (key !== undefined && there !== key) return "another";
  const identity = onlyKey(of("master_keys"));
  const signing = onlyKey(of("self_signing_keys"));
  const isOurs = master === undefined || identity === publicOf(master);
  const isSigned = isSignedBy(of("self_signing_keys"), user, identity) && isSignedBy(keys, user, signing);
  return isOurs && isSigned ? undefined : "unsigned";
}

/** The key of a cross-signing key's object, of which there is one. */
function onlyKey(object: unknown): string | undefined {
  const [key] = Object.values(fieldOf(object, "keys") ?? {});
  return typeof key === "string" ? key : undefined;
}

/** Spec: Signing JSON. */
function isSignedBy(object: unknown, user: UserId, key: string | undefined): boolean {
  if (key === undefined || typeof object !== "object" || object === null) return false;
  const signature = fieldOf(fieldOf(fieldOf(object, "signatures"), user), `ed25519:${key}`);
  if (typeof signature !== "string") return false;
  const signed = Object.entries(object).filter(([name]) => name !== "signatures" && name !== "unsigned");
  const text = canonicalJson(Object.fromEntries(signed));
  return verify(null, Buffer.from(text), publicKey(key), Buffer.from(signature, "base64"));
}

function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).toSorted(([one], [other]) => (one < other ? -1 : 1));
  return `{${entries.map(([name, one]) => `${JSON.stringify(name)}:${canonicalJson(one)}`).join(",")}}`;
}

const publicKey = (key: string): KeyObject =>
  createPublicKey({
    key: { kty: "OKP", crv: "Ed25519", x: Buffer.from(key, "base64").toString("base64url") },
    format: "jwk",
  });

/** What stands before the 32 bytes of an Ed25519 key in PKCS #8 (RFC 8410). */
const PKCS8 = Buffer.from("302e020100300506032b657004220420", "hex");

/** The public key of a private one, in unpadded base64. */
function publicOf(seed: string): string {
  const der = Buffer.concat([PKCS8, Buffer.from(seed, "base64")]);
  const { x = "" } = createPublicKey(createPrivateKey({ key: der, format: "der", type: "pkcs8" })).export({
    format: "jwk",
  });
  return Buffer.from(x, "base64url").toString("base64").replace(/=+$/u, "");
}
