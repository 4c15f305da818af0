import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { parse } from "yaml";
import { z } from "zod";

/** The networks this gatekeeper plays, both in one process. */
export const networkNames = ["whatsapp", "messenger"] as const;
export type NetworkName = (typeof networkNames)[number];

export const integratorStatus = z.enum(["active", "onboarding", "removed"]);
export type IntegratorStatus = z.infer<typeof integratorStatus>;

const integrator = z.strictObject({
  id: z.int().min(1).max(999),
  name: z.string().min(1),
  /** Issuer of the integrator's tokens; its keys are looked for under this URL. */
  iss: z.url({ protocol: /^https?$/ }),
  identifier_type: z.enum(["email", "pn", "username"]),
  /** `host` or `host:port` that the media proxy may fetch from. */
  media_hosts: z.array(z.string().min(1)).default([]),
  push_url: z.url({ protocol: /^https?$/ }).optional(),
  status: integratorStatus.default("active"),
});
export type Integrator = z.infer<typeof integrator>;

const ours: z.input<typeof integrator> = {
  id: 12,
  name: "Third-party chats bridge",
  iss: "http://127.0.0.1:29341",
  identifier_type: "username",
  push_url: "http://127.0.0.1:29341",
  media_hosts: ["127.0.0.1:29341"],
};
const another: z.input<typeof integrator> = {
  id: 13,
  name: "Another app",
  iss: "http://127.0.0.1:29399",
  identifier_type: "pn",
};

export const inMemory = ":memory:";

const schema = z.strictObject({
  listen: z
    .strictObject({ host: z.string().default("127.0.0.1"), port: z.int().min(0).max(65535).default(0) })
    .prefault({}),
  /** The SQLite file that holds everything; `:memory:` forgets at the end of the process. */
  data: z.string().min(1).default(inMemory),
  integrators: z
    .array(integrator)
    .refine((list) => new Set(list.map(({ id }) => id)).size === list.length, "two integrators share an id")
    .prefault([ours, another]),
  page: z
    .strictObject({
      /** Origins whose pages may hold the phone's page in a frame. */
      framed_by: z.array(z.url({ protocol: /^https?$/ })).default([]),
    })
    .prefault({}),
  log: z
    .strictObject({
      level: z.enum(["error", "warn", "info", "debug"]).default("info"),
      file: z.string().optional(),
    })
    .prefault({}),
});
export type SandboxConfig = z.infer<typeof schema>;

/** Checks a parsed configuration; throws an Error whose message names every wrong key. */
export function checkConfig(value: unknown): SandboxConfig {
  const checked = schema.safeParse(value ?? {});
  if (!checked.success)
    throw new Error(`The sandbox's configuration is wrong:\n${z.prettifyError(checked.error)}`);
  return checked.data;
}

/** Reads and checks a YAML file; without a path the defaults. Paths in it count from its folder. */
export function loadConfig(path: string | undefined): SandboxConfig {
  if (path === undefined) return checkConfig({});
  const config = checkConfig(parse(readFileSync(path, "utf8")));
  const folder = dirname(resolve(path));
  const { data, log } = config;
  return {
    ...config,
    data: data === inMemory ? data : resolve(folder, data),
    log: log.file === undefined ? log : { ...log, file: resolve(folder, log.file) },
  };
}
