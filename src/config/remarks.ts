import type { Found } from "./problems.ts";
import type { Config } from "./schema.ts";

/** Domains that belong to nobody (RFC 2606, 2 and 3; RFC 6761): what stands in examples. */
const EXAMPLE = /(^|[@.:])(example\.(com|net|org)|[^.@:]+\.(example|invalid))$/i;
/** The root key of the sample, which is nobody's. */
const SAMPLE_KEY = "q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA=";

/**
 * What a bridge can start with, though it cannot be what is meant: values of the sample that were left as they are, and
 * permissions for nobody of this server.
 */
export function remarksOn(config: Config): readonly Found[] {
  return [...placeholders(config), ...nobodyHere(config)];
}

function placeholders({ homeserver, appservice, partner, networks, permissions }: Config): readonly Found[] {
  const left: Found[] = [];
  const look = (path: readonly string[], value: unknown): void => {
    if (typeof value === "string" && isExample(value)) left.push({ path, words: SAMPLE });
  };
  look(["homeserver", "url"], homeserver.url);
  look(["homeserver", "server_name"], homeserver.server_name);
  look(["appservice", "url"], appservice.url);
  look(["partner", "url"], partner.url);
  for (const [name, section] of Object.entries(networks)) {
    for (const [key, value] of Object.entries(Object(section))) look(["networks", name, key], value);
  }
  for (const key of Object.keys(permissions)) look(["permissions", key], key);
  return left;
}

const SAMPLE = "is still the sample's. Put your own in its place, or leave it out where it is not needed.";

function isExample(value: string): boolean {
  if (value === SAMPLE_KEY) return true;
  const host = /^[a-z]+:\/\/(?:[^/@]*@)?([^/:]+)/i.exec(value)?.[1] ?? value;
  return EXAMPLE.test(host.replace(/:\d+$/, ""));
}

function nobodyHere({ homeserver: { server_name: server }, permissions }: Config): readonly Found[] {
  const keys = Object.keys(permissions);
  if (keys.some((key) => key === "*" || key === server || key.endsWith(`:${server}`))) return [];
  return [
    {
      path: ["permissions"],
      words: `names nobody of ${server}, so no user of your homeserver may use the bridge. Write “"${server}": user” for all of them.`,
    },
  ];
}
