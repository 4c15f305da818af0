import { parse, stringify } from "yaml";
import { z } from "zod";
import { type NamespaceOptions, namespaceOf } from "../http/namespace.ts";
import { covers, literal, token } from "./registration-words.ts";

const namespace = z.object({ exclusive: z.boolean(), regex: z.string() });

const schema = z.looseObject({
  id: z.string().min(1),
  url: z.string().nullable(),
  as_token: z.string().min(1),
  hs_token: z.string().min(1),
  sender_localpart: z.string().min(1),
  rate_limited: z.boolean().optional(),
  namespaces: z.object({
    users: z.array(namespace).default([]),
    aliases: z.array(namespace).default([]),
    rooms: z.array(namespace).default([]),
  }),
  protocols: z.array(z.string()).optional(),
  receive_ephemeral: z.boolean().optional(),
  "de.sorunome.msc2409.push_ephemeral": z.boolean().optional(),
});

/** The registration of an application service, as the homeserver reads it (spec: Registration). */
export type Registration = z.infer<typeof schema>;

export interface RegistrationOptions extends NamespaceOptions {
  readonly id: string;
  /** The address at which the homeserver reaches our endpoint. */
  readonly url: string;
  readonly protocols: readonly string[];
  /** Random if left out. */
  readonly tokens?: { readonly as: string; readonly hs: string };
}

/** Tokens of the sample file; a bridge refuses to start with them. */
export const SAMPLE_TOKENS = {
  as: "sample-as-token-run-register-to-get-your-own",
  hs: "sample-hs-token-run-register-to-get-your-own",
} as const;

/**
 * The registration's sender is a name that is never used: for it Synapse fails on `/sync`, so the bot is a user of the
 * namespace instead. Both names of the ephemeral flag are set, as each Synapse before 1.157 knows only one.
 */
export function buildRegistration(options: RegistrationOptions): Registration {
  const server = literal(`:${options.serverName}`);
  const prefix = literal(options.prefix);
  return {
    id: options.id,
    url: options.url,
    as_token: options.tokens?.as ?? token(),
    hs_token: options.tokens?.hs ?? token(),
    sender_localpart: `${options.prefix}sender`,
    rate_limited: false,
    namespaces: {
      users: [
        { exclusive: true, regex: `^@${literal(options.botLocalpart)}${server}$` },
        { exclusive: true, regex: `^@${prefix}.*${server}$` },
      ],
      aliases: [{ exclusive: true, regex: `^#${prefix}.*${server}$` }],
      rooms: [],
    },
    protocols: [...options.protocols],
    receive_ephemeral: true,
    "de.sorunome.msc2409.push_ephemeral": true,
  };
}

/** Whether a registration file is the published sample. */
export const isSample = (text: string): boolean =>
  text.includes(SAMPLE_TOKENS.as) || text.includes(SAMPLE_TOKENS.hs);

export function registrationYaml(registration: Registration): string {
  return `# Who this bridge is to the homeserver. It holds secrets: keep it readable by the bridge and the homeserver only.
# Synapse: list this file under app_service_config_files in homeserver.yaml, then restart it.
${stringify(registration, { lineWidth: 0 })}`;
}

export type Parsed =
  | { readonly kind: "registration"; readonly registration: Registration }
  | { readonly kind: "problem"; readonly words: string };

const ANEW = "Write it anew with the register command (--force).";

export function parseRegistration(text: string): Parsed {
  let value: unknown;
  try {
    value = parse(text);
  } catch {
    return { kind: "problem", words: `The registration is not YAML. ${ANEW}` };
  }
  const result = schema.safeParse(value);
  if (result.success) return { kind: "registration", registration: result.data };
  const where = result.error.issues.map((issue) => issue.path.join(".") || "the file itself").join(", ");
  return {
    kind: "problem",
    words: `The registration is missing or has a wrong value for: ${where}. ${ANEW}`,
  };
}

/** Why a bridge with these names cannot work with this registration, in words; empty when it can. */
export function registrationProblems(registration: Registration, names: NamespaceOptions): readonly string[] {
  const ours = namespaceOf(names);
  const { users, aliases } = registration.namespaces;
  const problems: string[] = [];
  if (registration.as_token === SAMPLE_TOKENS.as || registration.hs_token === SAMPLE_TOKENS.hs) {
    problems.push("It is the sample with its published tokens. Write your own with the register command.");
  } else if (registration.as_token === registration.hs_token) {
    problems.push("as_token and hs_token are the same. Write it anew with the register command.");
  }
  if (`@${registration.sender_localpart}:${names.serverName}` === ours.bot) {
    problems.push("sender_localpart is the bot's own name; give it a name nobody uses.");
  }
  if (!covers(users, ours.bot)) problems.push(`namespaces.users does not cover the bot ${ours.bot}.`);
  if (!covers(users, ours.ghostId("x0"))) problems.push(`namespaces.users does not cover @${names.prefix}….`);
  if (!covers(aliases, ours.alias("x0")))
    problems.push(`namespaces.aliases does not cover #${names.prefix}….`);
  if (registration.rate_limited !== false) problems.push("rate_limited must be false.");
  if (registration.receive_ephemeral !== true) problems.push("receive_ephemeral must be true.");
  if (registration["de.sorunome.msc2409.push_ephemeral"] !== true) {
    problems.push("de.sorunome.msc2409.push_ephemeral must be true.");
  }
  return problems;
}

/** The address in one spelling, without slashes at its end, which Synapse drops too. */
const plain = (url: string | null): string | undefined => URL.parse(url ?? "")?.href.replace(/\/+$/, "");

/** How a usable registration differs from the configuration, in words. */
export function differences(
  registration: Registration,
  { id, url }: { readonly id: string; readonly url: string },
): readonly string[] {
  const words: string[] = [];
  if (plain(registration.url) !== plain(url)) {
    words.push(
      `url is ${registration.url ?? "null"} here and ${url} in the configuration (appservice.url). The homeserver calls the one here: correct the wrong one, and restart the homeserver when this file changed.`,
    );
  }
  if (registration.id !== id) {
    words.push(
      `id is ${registration.id} here and ${id} in the configuration (appservice.id). The one here counts: put it into the configuration.`,
    );
  }
  return words;
}
