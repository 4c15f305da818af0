import { z } from "zod";
import { empty, field } from "../../config/field.ts";
import { listenField, proxiesField } from "../../config/listen.ts";
import { urlField } from "../../config/url.ts";

const rootKey = z.string().refine((text) => decodeRootKey(text).length === 32);

/** The 32 bytes of a `root_key`, which is written in hex or base64. */
export function decodeRootKey(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text, /^[0-9a-f]{64}$/i.test(text) ? "hex" : "base64"));
}

const host = z
  .string()
  .regex(/^(?:\*\.)?(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)*[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/i);

/** One network's section of the configuration. `what` and `example` are the words for a wrong or missing value. */
export const networkSection = z.strictObject({
  url: urlField(
    "the address of the network's interface for third parties",
    "https://interop.example.com/whatsapp",
  ),
  root_key: field(
    rootKey,
    "the network's public root key, 32 bytes in hex or base64, as the network gave it to you",
    "q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA=",
  ),
  allowed_hosts: field(
    z.array(host),
    'a list of the names of hosts that the network may send the bridge to, beside its own; "*." before a name stands for what is under it',
    '["chat.example.com", "*.media.example.com"]',
  ).default([]),
});

export type NetworkSection = z.output<typeof networkSection>;

const partner = z.strictObject({
  url: urlField(
    "the address the networks reach this bridge by; it is also who your users' tokens say they come from",
    "https://chats.example.org",
  ),
  listen: listenField(29_341),
  identifier: field(
    z.enum(["username", "email", "pn"]),
    "one of username (contacts see the Matrix id), email, pn (phone number)",
    "username",
  ).default("username"),
  proxies: proxiesField.default([]),
});

const identifiers = field(
  z.record(
    z.string(),
    field(z.string().min(3).max(254), "an e-mail address or phone number", "ana@example.org"),
  ),
  "a map from Matrix ids to the e-mail address or phone number you know to be theirs",
  '{ "@ana:example.org": ana@example.org }',
);

/** Where {@link sharedSection} stands in the configuration. */
export const SHARED = ["networks", "meta_interop"] as const;

/**
 * What the family's networks share: how they reach this bridge, and by which identifiers their users see its people.
 */
export const sharedSection = z.strictObject({
  partner: partner.prefault(() => empty()),
  /** The e-mail addresses or phone numbers that the administrator vouches for, by Matrix id. */
  identifiers: identifiers.default({}),
});

export type SharedSection = z.output<typeof sharedSection>;
