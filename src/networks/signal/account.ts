import { z } from "zod";

const base64 = z.base64().transform((text) => new Uint8Array(Buffer.from(text, "base64")));
const uuid = z.string().regex(/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);

const schema = z.object({
  /** The account, and the phone number's identity. */
  aci: uuid,
  pni: uuid,
  /** E.164, as `+31612345678`; absent for an account without one. */
  number: z.string().optional(),
  /** Which of the account's devices this bridge is, from 2. */
  deviceId: z.int().min(1).max(127),
  /** By which this device proves itself to the server. */
  password: z.string().min(1),
  /** 32 bytes: opens the person's own profile. */
  profileKey: base64,
  /** 32 bytes, as the phone gave it at the link: see SignalFamilyReads.masterKey for what it told since. */
  masterKey: base64.optional(),
});

/** What a linked device knows of its account, beside the keys that libsignal uses. */
export type Account = Readonly<z.output<typeof schema>>;

export function writeAccount({ profileKey, masterKey, ...rest }: Account): string {
  return JSON.stringify({
    ...rest,
    profileKey: Buffer.from(profileKey).toString("base64"),
    ...(masterKey && { masterKey: Buffer.from(masterKey).toString("base64") }),
  });
}

/** Throws where the JSON is not an account. */
export function readAccount(json: string): Account {
  return schema.parse(JSON.parse(json));
}
