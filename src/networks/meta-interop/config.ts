import { z } from "zod";

const rootKey = z.string().refine((text) => decodeRootKey(text).length === 32);

/** The 32 bytes that `root_key` stands for, written in hex or base64. */
export function decodeRootKey(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text, /^[0-9a-f]{64}$/i.test(text) ? "hex" : "base64"));
}

const host = z
  .string()
  .regex(/^(?:\*\.)?(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)*[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/i);

/** One network's section of the configuration. `what` and `example` are the words for a wrong or missing value. */
export const networkSection = z.strictObject({
  url: z
    .url({ protocol: /^https?$/ })
    .regex(/^[^?#@]*$/)
    .overwrite((text) => text.replace(/\/+$/, ""))
    .meta({
      what: "the address of the network's interface for third parties, as an http(s) URL without user name, ? or #",
      example: "https://interop.example.com/whatsapp",
    }),
  root_key: rootKey.meta({
    what: "the network's public root key, 32 bytes in hex or base64, as the network gave it to you",
    example: "q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA=",
  }),
  allowed_hosts: z
    .array(host)
    .meta({
      what: 'a list of the names of hosts that the network may send the bridge to, beside its own; "*." before a name stands for what is under it',
      example: '["chat.example.com", "*.media.example.com"]',
    })
    .default([]),
});

export type NetworkSection = z.output<typeof networkSection>;
