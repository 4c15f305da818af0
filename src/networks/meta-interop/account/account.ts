import { z } from "zod";
import type { KeyPair } from "../wire/noise/x25519.ts";

const base64 = z.base64().transform((text) => new Uint8Array(Buffer.from(text, "base64")));

const schema = z.object({
  accountId: z.string().regex(/^\d{1,20}$/),
  jid: z.string(),
  chatUrl: z.string(),
  mediaProxy: z.string(),
  mediaUrl: z.string(),
  identifier: z.object({ type: z.enum(["username", "email", "pn"]), value: z.string() }),
  noise: z.object({ publicKey: base64, privateKey: base64 }),
});

/** The gatekeeper's answer to an enlistment, and the one Noise key that the account is bound to. */
export type Account = Readonly<z.output<typeof schema>>;

/** How a person is known to their contacts. */
export type Identifier = Account["identifier"];

export function writeAccount(account: Account): string {
  return JSON.stringify({ ...account, noise: writeKeyPair(account.noise) });
}

/** Throws where the JSON is not an account. */
export function readAccount(json: string): Account {
  return schema.parse(JSON.parse(json));
}

export function writeKeyPair({ publicKey, privateKey }: KeyPair) {
  return {
    publicKey: Buffer.from(publicKey).toString("base64"),
    privateKey: Buffer.from(privateKey).toString("base64"),
  };
}

export function readKeyPair(json: string): KeyPair {
  return schema.shape.noise.parse(JSON.parse(json));
}
