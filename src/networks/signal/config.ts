import { z } from "zod";
import { field } from "../../config/field.ts";

const port = z.int().min(1).max(65_535);
/** One check, so that one thing is said of a value that is none. */
const base64 = (bytes: number) =>
  z
    .string()
    .refine((text) => z.base64().safeParse(text).success && Buffer.from(text, "base64").length >= bytes);

/** A server of one's own on this machine, as tests have it. */
const local = z.strictObject({
  port: field(port, "the port of the server on this machine", "18443"),
  ca: field(
    z.string().startsWith("-----BEGIN CERTIFICATE-----"),
    "the certificate that its certificate is signed by, in PEM",
    "{ file: ./signal-ca.pem }",
  ),
  zk_params: field(base64(32), "the server's public parameters (zkgroup), in base64", "AMhf5ywVwITZMsff…"),
  trust_roots: field(
    z
      .string()
      .array()
      .min(1)
      .refine((roots) => roots.every((root) => base64(33).safeParse(root).success)),
    "a list of the public keys, in base64, one of which signs the server's sender certificates",
    '["BXu6QIKVz5MA8gstzfOgRQGqyLqOwNKHL6INkv3IHWMF"]',
  ),
});

/** The section of the configuration. */
export const signalSection = z.strictObject({
  server: field(
    z.union([z.enum(["production", "staging"]), local]),
    "which server: production (Signal itself), staging, or a section for a server of your own on this machine",
    "production",
  ).default("production"),
  device_name: field(
    z.string().trim().min(1).max(50),
    "the name that people see in Signal's list of linked devices, at most 50 characters",
    "Matrix bridge",
  ).default("Matrix bridge"),
});

export type SignalSection = z.output<typeof signalSection>;
export type LocalServer = z.output<typeof local>;
