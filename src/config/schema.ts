import { z } from "zod";
import { isSection } from "./document.ts";
import { empty, field } from "./field.ts";
import {
  framesField,
  isListenAddress,
  type ListenAddress,
  listenField,
  localUrl,
  proxiesField,
} from "./listen.ts";
import type { MovedKey } from "./moved-keys.ts";
import type { Found, NameOf } from "./problems.ts";
import { urlField } from "./url.ts";

const localpart = (what: string, example: string) =>
  field(z.string().regex(/^[a-z0-9._=/+-]{1,64}$/), what, example);

const userId = /^@[^:\s]+:(\S+)$/;
const serverName = /^(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?$/;

const homeserver = z.strictObject({
  url: urlField("the address the bridge reaches the homeserver's client API by", "http://127.0.0.1:8008"),
  server_name: field(
    z.string().regex(serverName),
    "the name your users' Matrix ids end in, as in the homeserver's own server_name",
    "example.org",
  ),
});

const appservice = z
  .strictObject({
    listen: listenField(29_340),
    url: urlField("the address the homeserver reaches the bridge by", "http://127.0.0.1:29340").optional(),
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

const permissions = field(
  z
    .record(z.string(), field(z.enum(["user", "admin"]), "user or admin", "user"))
    .refine((entries) => Object.keys(entries).length > 0, { message: "empty" }),
  'a list of who may use the bridge: "*", a server name or a Matrix id, each with user or admin',
  '{ "example.org": user, "@admin:example.org": admin }',
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

const backups = z.strictObject({
  folder: field(z.string().min(1), "the folder backups are made in", "./backups").default("./backups"),
  keep: field(
    z.number().int().min(1).max(1000),
    "a number from 1 to 1000: how many backups are kept there",
    "7",
  ).optional(),
});

const delivery = z.strictObject({
  statuses: field(
    z.enum(["auto", "on", "off"]),
    "auto (to people whose client shows what becomes of messages), on or off",
    "auto",
  ).default("auto"),
});

const encryption = z.strictObject({
  mode: field(
    z.enum(["off", "allow", "default", "require"]),
    "off, allow (people may encrypt their chats), default (new chats begin encrypted) or require (and nothing is taken in the clear there)",
    "allow",
  ).default("off"),
  trust: field(
    z.enum(["any", "cross-signed"]),
    "any (messages are taken from every device of a person) or cross-signed (only from those that they have verified)",
    "any",
  ).default("any"),
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

const health = z.strictObject({ listen: listenField(29_342) });

const provisioning = z
  .strictObject({
    listen: listenField(29_343),
    url: urlField(
      "the address people's clients reach the provisioning API by",
      "https://chats.example.org",
    ).optional(),
    shared_secret: field(
      z.string().regex(/^[\x21-\x7e]{32,}$/),
      "a secret of at least 32 characters, by which a program of yours acts for anybody",
      "write-32-random-characters-or-more-here",
    ).optional(),
    proxies: proxiesField.default([]),
    frames: framesField.default([]),
  })
  .transform((section) => ({ ...section, url: section.url ?? localUrl(section.listen) }));

/** What the configuration's loader needs to know of the networks. */
export interface NetworksConfig<Networks extends z.ZodObject = z.ZodObject> {
  /** The schema of the section `networks`. */
  readonly schema: Networks;
  readonly moved: readonly MovedKey[];
  /** Finds values of the networks that contradict each other. */
  contradictions(
    networks: z.output<Networks>,
    context: { readonly serverName: string; readonly nameOf: NameOf },
  ): readonly Found[];
}

/** The whole file. Sections that are left out count as empty, so that each missing value is named by itself. */
export function configSchema<Networks extends z.ZodObject>(networks: Networks) {
  return z.strictObject({
    homeserver: homeserver.prefault(() => empty()),
    appservice: appservice.prefault(() => empty()),
    database: field(z.string().min(1), "the file the bridge keeps its data in", "./bridge.db").default(
      "./bridge.db",
    ),
    database_key_file: field(
      z.string().min(1),
      "the file with the key that the database is encrypted with",
      "./bridge.key",
    ).optional(),
    backups: backups.prefault(() => empty()),
    media: media.prefault(() => empty()),
    delivery: delivery.prefault(() => empty()),
    encryption: encryption.prefault(() => empty()),
    names: names.prefault(() => empty()),
    networks: networks.prefault(() => empty()),
    permissions,
    logging: logging.prefault(() => empty()),
    health: health.optional(),
    provisioning: provisioning.optional(),
    double_puppet: doublePuppet.optional(),
  });
}

type DeepReadonly<T> = T extends object ? { readonly [Key in keyof T]: DeepReadonly<T[Key]> } : T;

/** A loaded configuration: keys as in the file, defaults filled in, paths absolute, frozen. */
export type Config<Networks extends z.ZodObject = z.ZodObject> = DeepReadonly<
  Omit<z.output<ReturnType<typeof configSchema<z.ZodObject>>>, "networks">
> & { readonly networks: z.output<Networks> };

/** Finds values that contradict each other, though each is well formed. */
export function contradictions(config: Config, nameOf: NameOf): readonly Found[] {
  const wrongKeys = Object.keys(config.permissions)
    .filter((key) => key !== "*" && !userId.test(key) && !serverName.test(key))
    .map((key) => ({
      path: ["permissions", key],
      words: 'is neither "*", a server name, nor a Matrix id (@name:server).',
    }));
  return [...wrongKeys, ...sameAddress(config, nameOf)];
}

function sameAddress(config: Config, nameOf: NameOf): readonly Found[] {
  const checked: Listener[] = [];
  const faults: Found[] = [];
  for (const one of listenersOf(config)) {
    if (one.listen.port === 0) continue;
    const other = checked.find(({ listen }) => overlap(listen, one.listen));
    if (other === undefined) checked.push(one);
    else
      faults.push({
        path: one.path,
        words: `is the address of ${nameOf(other.path)}; give each its own port.`,
      });
  }
  return faults;
}

interface Listener {
  readonly path: readonly string[];
  readonly listen: ListenAddress;
}

/** Every listener's address, in the order of the schema. */
function listenersOf(section: unknown, path: readonly string[] = []): readonly Listener[] {
  if (!isSection(section)) return [];
  return Object.entries(section).flatMap(([key, inside]) => {
    const here = [...path, key];
    return key === "listen" && isListenAddress(inside)
      ? [{ path: here, listen: inside }]
      : listenersOf(inside, here);
  });
}

/** Whether only one of the two can be listened on: `0.0.0.0` is every IPv4 address, and `::` every address. */
function overlap(one: ListenAddress, other: ListenAddress): boolean {
  if (one.port !== other.port) return false;
  const hosts = [one.host, other.host];
  return (
    one.host === other.host ||
    hosts.includes("::") ||
    (hosts.includes("0.0.0.0") && hosts.every((host) => !host.includes(":")))
  );
}
