import { z } from "zod";

const base64 = z.base64().transform((text) => new Uint8Array(Buffer.from(text, "base64")));
const uuid = z.string().regex(/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);

const schema = z.object({
  aci: uuid,
  /** The phone number's identity, and the number in E.164, as `+31612345678`; absent for an account without one. */
  pni: uuid.optional(),
  number: z.string().optional(),
  /** Which of the account's devices this bridge is, from 2. */
  deviceId: z.int().min(1).max(127),
  /** By which this device proves itself to the server. */
  password: z.string().min(1),
  /** 32 bytes: opens the person's own profile. */
  profileKey: base64,
  /** 32 bytes, as the phone gave it at the link: see SignalFamilyReads.masterKey for what it told since. */
  masterKey: base64.optional(),
  /** 16 bytes, of an account without a phone number: what stands for the number's identity towards groups. */
  authCredentialSalt: base64.optional(),
});

/** What a linked device knows of its account, beside the keys that libsignal uses. */
export type Account = Readonly<z.output<typeof schema>>;

export function writeAccount({ profileKey, masterKey, authCredentialSalt, ...rest }: Account): string {
  const written = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64");
  return JSON.stringify({
    ...rest,
    profileKey: written(profileKey),
    ...(masterKey && { masterKey: written(masterKey) }),
    ...(authCredentialSalt && { authCredentialSalt: written(authCredentialSalt) }),
  });
}

/** Throws where the JSON is not an account. */
export function readAccount(json: string): Account {
  return schema.parse(JSON.parse(json));
}
