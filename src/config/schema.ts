import { z } from "zod";
import type { UserId } from "../core/model/ids.ts";
import { field } from "./field.ts";
import { type ListenAddress, listenSchema, localUrl } from "./listen.ts";

/** A network's own section, by the network's name; the networks' registry has them. */
export type NetworkSections = Readonly<Record<string, z.ZodType>>;

const url = (what: string, example: string) =>
  field(
    z
      .url({ protocol: /^https?$/ })
      .regex(/^[^?#@]*$/)
      .overwrite((text) => text.replace(/\/+$/, "")),
    `${what}, as an http(s) URL without user name, ? or #`,
    example,
  );
const listen = (port: number) =>
  field(listenSchema, "an address and port to listen on, as host:port", `127.0.0.1:${port}`);
const localpart = (what: string, example: string) =>
  field(z.string().regex(/^[a-z0-9._=/+-]{1,64}$/), what, example);

const userId = /^@[^:\s]+:(\S+)$/;
const serverName = /^(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?$/;

const homeserver = z.strictObject({
  url: url("the address the bridge reaches the homeserver's client API by", "http://127.0.0.1:8008"),
  server_name: field(
    z.string().regex(serverName),
    "the name your users' Matrix ids end in, as in the homeserver's own server_name",
    "example.org",
  ),
});

const appservice = z
  .strictObject({
    listen: listen(29_340),
    url: url("the address the homeserver reaches the bridge by", "http://127.0.0.1:29340").optional(),
    id: field(
      z.string().regex(/^[A-Za-z0-9._-]{1,64}$/),
      "a name for this bridge, unlike that of any other bridge of the homeserver: letters, digits, . _ -",
      "thirdpartychats",
    ).default("thirdpartychats"),
    bot: localpart("the part of the bot's Matrix id before the colon, lower case", "thirdparty").default(
      "thirdparty",
    ),
    ghost_prefix: localpart("what the Matrix ids of contacts begin with, lower case", "_tpc_").default(
      "_tpc_",
    ),
  })
  .transform((section) => ({ ...section, url: section.url ?? localUrl(section.listen) }));

const partner = z.strictObject({
  url: url(
    "the address the networks reach this bridge by; it is also who your users' tokens say they come from",
    "https://chats.example.org",
  ),
  listen: listen(29_341),
  identifier: field(
    z.enum(["username", "email", "pn"]),
    "one of username (contacts see the Matrix id), email, pn (phone number)",
    "username",
  ).default("username"),
  proxies: field(
    z.array(z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()])),
    "a list of the addresses or networks your reverse proxies have on the Internet",
    '["203.0.113.7", "2001:db8::/48"]',
  ).default([]),
});

const permissions = field(
  z
    .record(z.string(), field(z.enum(["user", "admin"]), "user or admin", "user"))
    .refine((entries) => Object.keys(entries).length > 0, { message: "empty" }),
  'a list of who may use the bridge: "*", a server name or a Matrix id, each with user or admin',
  '{ "example.org": user, "@admin:example.org": admin }',
);

const identifiers = field(
  z.record(
    z.string(),
    field(z.string().min(3).max(254), "an e-mail address or phone number", "ana@example.org"),
  ),
  "a map from Matrix ids to the e-mail address or phone number you know to be theirs",
  '{ "@ana:example.org": ana@example.org }',
);

const logging = z.strictObject({
  level: field(z.enum(["error", "warn", "info", "debug"]), "one of error, warn, info, debug", "info").default(
    "info",
  ),
  format: field(z.enum(["text", "json"]), "text (for people) or json (for machines)", "text").default("text"),
  file: field(z.string().min(1), "the file to write to", "./bridge.log").optional(),
});

const media = z.strictObject({
  folder: field(z.string().min(1), "the folder the bridge keeps files in", "./media").default("./media"),
  keep_days: field(
    z.number().int().min(1).max(365),
    "a number of days from 1 to 365, for which the networks can fetch what your users sent",
    "30",
  ).default(30),
  keep_metadata: field(
    z.boolean(),
    "true or false, whether pictures and videos keep what cameras note in them, such as the place",
    "false",
  ).default(false),
  captions: field(
    z.enum(["inside", "separate"]),
    "inside (the words of a picture are part of it) or separate (they follow as a message of their own)",
    "inside",
  ).default("inside"),
});

const names = z.strictObject({
  contact: field(
    z
      .string()
      .max(100)
      .refine((text) => text.includes("{name}") && /[^\s]/.test(text.replaceAll("{name}", "")), {
        message: "says nothing of the network",
      }),
    "how contacts are shown: {name} for theirs, with {network} or words beside it that no name of your users has",
    '"{name} ({network})"',
  ).default("{name} ({network})"),
});

const doublePuppet = z.strictObject({
  registration: field(
    z.string().min(1),
    "the file of the second registration, which the register command writes",
    "./doublepuppet-registration.yaml",
  ),
});

const health = z.strictObject({ listen: listen(29_342) });

/** The whole file. Sections that are left out count as empty, so that each missing value is named by itself. */
export function configSchema<Sections extends NetworkSections>(sections: Sections) {
  const networks = z.strictObject(optional(sections)).prefault(() => empty());
  return z.strictObject({
    homeserver: homeserver.prefault(() => empty()),
    appservice: appservice.prefault(() => empty()),
    database: field(z.string().min(1), "the file the bridge keeps its data in", "./bridge.db").default(
      "./bridge.db",
    ),
    media: media.prefault(() => empty()),
    names: names.prefault(() => empty()),
    partner: partner.prefault(() => empty()),
    networks,
    permissions,
    identifiers: identifiers.default({}),
    logging: logging.prefault(() => empty()),
    health: health.optional(),
    double_puppet: doublePuppet.optional(),
  });
}

/** A section with nothing in it, which its schema then finds fault with value by value. */
const empty = (): never => ({}) as never;

type Optional<Sections extends NetworkSections> = { [Name in keyof Sections]: z.ZodOptional<Sections[Name]> };

function optional<Sections extends NetworkSections>(sections: Sections): Optional<Sections> {
  const pairs = Object.entries(sections).map(([name, section]) => [name, section.optional()]);
  return Object.fromEntries(pairs) as Optional<Sections>;
}

type DeepReadonly<T> = T extends object ? { readonly [Key in keyof T]: DeepReadonly<T[Key]> } : T;

/** A loaded configuration: keys as in the file, defaults filled in, paths absolute, frozen. */
export type Config<Sections extends NetworkSections = NetworkSections> = DeepReadonly<
  Omit<z.output<ReturnType<typeof configSchema<Sections>>>, "networks" | "identifiers">
> & {
  readonly networks: { readonly [Name in keyof Sections]?: z.output<Sections[Name]> | undefined };
  /** What the administrator vouches for, where contacts see an e-mail address or a phone number. */
  readonly identifiers: Readonly<Record<UserId, string>>;
};

interface Fault {
  readonly path: readonly string[];
  readonly words: string;
}

/** What no single value shows: contradictions between values that are each well formed. */
export function contradictions(config: Config): readonly Fault[] {
  const { homeserver, permissions, identifiers, partner } = config;
  const wrongKeys = Object.keys(permissions)
    .filter((key) => key !== "*" && !userId.test(key) && !serverName.test(key))
    .map((key) => ({
      path: ["permissions", key],
      words: 'is neither "*", a server name, nor a Matrix id (@name:server).',
    }));
  const strangers = Object.keys(identifiers)
    .filter((key) => userId.exec(key)?.[1] !== homeserver.server_name)
    .map((key) => ({
      path: ["identifiers", key],
      words: `is not a Matrix id of ${homeserver.server_name}.`,
    }));
  const form = partner.identifier === "email" ? /^[^\s@]+@[^\s@]+$/ : /^\+[1-9]\d{6,14}$/;
  const wanted = partner.identifier === "email" ? "an e-mail address" : "a phone number like +31612345678";
  const malformed = Object.entries(identifiers)
    .filter(([, value]) => partner.identifier !== "username" && !form.test(value))
    .map(([key]) => ({
      path: ["identifiers", key],
      words: `is not ${wanted}, which partner.identifier asks for.`,
    }));
  const twice = Object.entries(identifiers)
    .filter(([, value], index, all) => all.findIndex(([, other]) => other === value) !== index)
    .map(([key]) => ({
      path: ["identifiers", key],
      words: "has the value of another user; each needs their own.",
    }));
  return [...wrongKeys, ...strangers, ...malformed, ...twice, ...sameAddress(config)];
}

function sameAddress({ appservice, partner, health }: Config): readonly Fault[] {
  const taken: { readonly name: string; readonly listen: ListenAddress }[] = [];
  const faults: Fault[] = [];
  for (const [name, section] of Object.entries({ appservice, partner, health })) {
    if (section === undefined || section.listen.port === 0) continue;
    const { listen } = section;
    const other = taken.find((one) => overlap(one.listen, listen));
    if (other === undefined) taken.push({ name, listen });
    else
      faults.push({
        path: [name, "listen"],
        words: `is the address of ${other.name}.listen; give each its own port.`,
      });
  }
  return faults;
}

/** Whether the system gives only one of them away: `0.0.0.0` is every IPv4 address, and `::` every address. */
function overlap(one: ListenAddress, other: ListenAddress): boolean {
  if (one.port !== other.port) return false;
  const hosts = [one.host, other.host];
  return (
    one.host === other.host ||
    hosts.includes("::") ||
    (hosts.includes("0.0.0.0") && hosts.every((host) => !host.includes(":")))
  );
}
