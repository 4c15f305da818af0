import { existsSync, statSync } from "node:fs";
import { dirname } from "node:path";
import type { z } from "zod";
import { isMissing, whyUnread } from "../core/model/unread-file.ts";
import { valueAt } from "./document.ts";
import { allPaths } from "./field.ts";
import { distance } from "./nearest.ts";
import type { Found } from "./problems.ts";
import type { Config } from "./schema.ts";

/** Domains reserved for examples (RFC 2606, 2 and 3; RFC 6761). */
const EXAMPLE = /(^|[@.:])(example\.(com|net|org)|[^.@:]+\.(example|invalid))$/i;
/** Addresses reserved for examples (RFC 5737, RFC 3849). */
const EXAMPLE_ADDRESS = /^(192\.0\.2|198\.51\.100|203\.0\.113)\.|^2001:0?db8:/i;
/** The root key of the sample configuration. */
const SAMPLE_KEY = "q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA=";

/**
 * Remarks on values that are well formed but cannot be meant: those of the sample, permissions for nobody of this
 * server, and a folder in place of a file or a file in place of a folder.
 */
export function remarksOn(config: Config, networks: z.ZodObject): readonly Found[] {
  return [
    ...placeholders(config, networks),
    ...nobodyHere(config),
    ...mistypedServers(config),
    ...wrongPlaces(config),
  ];
}

function placeholders(
  { homeserver, appservice, networks, permissions }: Config,
  schema: z.ZodObject,
): readonly Found[] {
  const left: Found[] = [];
  const look = (path: readonly string[], value: unknown): void => {
    if (Array.isArray(value) ? value.some(isExample) : isExample(value)) left.push({ path, words: SAMPLE });
  };
  look(["homeserver", "url"], homeserver.url);
  look(["homeserver", "server_name"], homeserver.server_name);
  look(["appservice", "url"], appservice.url);
  for (const path of allPaths(schema)) look(["networks", ...path], valueAt(networks, path));
  for (const key of Object.keys(permissions)) look(["permissions", key], key);
  return left;
}

const SAMPLE = "is still the sample's. Put your own in its place, or leave it out where it is not needed.";

function isExample(value: unknown): boolean {
  if (typeof value !== "string") return false;
  if (value === SAMPLE_KEY) return true;
  const host = URL.parse(value)?.hostname.replace(/^\[|\]$/g, "") || value;
  return EXAMPLE_ADDRESS.test(host) || EXAMPLE.test(host.replace(/:\d+$/, ""));
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

/** Remarks on server names that differ from the homeserver's by one letter or in capitals. */
function mistypedServers({ homeserver: { server_name: server }, permissions }: Config): readonly Found[] {
  return Object.keys(permissions)
    .filter((key) => {
      const named = key.startsWith("@") ? key.slice(key.indexOf(":") + 1) : key;
      return key !== "*" && named !== server && distance(named.toLowerCase(), server.toLowerCase()) <= 1;
    })
    .map((key) => ({
      path: ["permissions", key],
      words: `is not of ${server}, your homeserver. Is it mistyped?`,
    }));
}

function wrongPlaces({ database, media, logging }: Config): readonly Found[] {
  const found: Found[] = [];
  const look = (path: readonly string[], place: string, wanted: "file" | "folder"): void => {
    try {
      if (statSync(place).isDirectory() === (wanted === "folder")) return;
      found.push({ path, words: `is a ${wanted === "file" ? "folder" : "file"}; name a ${wanted}.` });
    } catch (cause) {
      if (!isMissing(cause))
        found.push({ path, words: `is a place that cannot be reached. ${whyUnread(cause)}` });
    }
  };
  look(["database"], database, "file");
  look(["media", "folder"], media.folder, "folder");
  if (logging.file !== undefined) look(["logging", "file"], logging.file, "file");
  // The bridge makes the media and log folders itself.
  if (found.every(({ path }) => path[0] !== "database") && !existsSync(dirname(database)))
    found.push({
      path: ["database"],
      words: `is in the folder ${dirname(database)}, which is not there; make it.`,
    });
  return found;
}
