import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { stringify } from "yaml";
import { fieldOf } from "../http/json.ts";
import { parseRegistration, type Registration } from "./registration.ts";
import { writeRegistration } from "./registration-file.ts";
import { bad, covers, literal, token, unreadable } from "./registration-words.ts";

export interface DoublePuppetOptions {
  /** The id of the bridge's own registration. */
  readonly id: string;
  readonly serverName: string;
}

/**
 * The second registration, by which the bridge may act as people of the homeserver. Its `url` is null, so nothing is
 * pushed for it; in the first registration the same namespace would make the homeserver push every local room.
 */
export function buildDoublePuppetRegistration({ id, serverName }: DoublePuppetOptions): Registration {
  return {
    id: `${id}-doublepuppet`,
    url: null,
    as_token: token(),
    hs_token: token(),
    sender_localpart: randomBytes(16).toString("hex"),
    rate_limited: false,
    namespaces: {
      users: [{ exclusive: false, regex: `^@.*:${literal(serverName)}$` }],
      aliases: [],
      rooms: [],
    },
  };
}

function doublePuppetYaml(registration: Registration): string {
  return `# Lets the bridge act as this server's people: joining their chats, keeping what they read and their lists in step, and
# showing as theirs what they write on other devices.
# It holds a secret that can act as anybody here: keep it readable by the bridge and the homeserver only.
# Synapse: list this file under app_service_config_files beside the first one, then restart it. The bridge works without.
${stringify(registration, { lineWidth: 0 })}`;
}

/** The default path of the second registration: beside the first. */
export function doublePuppetPath(registration: string): string {
  return join(dirname(registration), "doublepuppet-registration.yaml");
}

/** Makes the second registration and writes it, readable by its owner only. Throws BridgeError where the file exists and is not to be replaced. */
export async function writeDoublePuppetRegistration(
  path: string,
  { replace = false, ...options }: DoublePuppetOptions & { readonly replace?: boolean },
): Promise<void> {
  const registration = buildDoublePuppetRegistration(options);
  await writeRegistration(path, registration, { text: doublePuppetYaml(registration), replace });
}

/** The second registration, where there is one; undefined where there is no file. */
export async function readDoublePuppetRegistration(
  path: string,
  serverName: string,
): Promise<Registration | undefined> {
  const text = await readFile(path, "utf8").catch((cause: unknown) => {
    if (fieldOf(cause, "code") === "ENOENT") return undefined;
    throw unreadable(path, "", cause);
  });
  if (text === undefined) return undefined;
  const parsed = parseRegistration(text);
  if (parsed.kind === "problem") throw bad(`${path}: ${parsed.words}`);
  const { registration } = parsed;
  const problems = doublePuppetProblems(registration, serverName);
  if (problems.length > 0) throw bad(`${path}: ${problems.join(" ")}`);
  return registration;
}

/** Why the file cannot be the second registration of this server, in words; empty when it can. */
export function doublePuppetProblems(
  { url, namespaces, rate_limited: limited }: Registration,
  serverName: string,
): readonly string[] {
  const problems: string[] = [];
  if (url !== null) problems.push("url must be null, or every room of the server is pushed to the bridge.");
  if (namespaces.users.some(({ exclusive }) => exclusive)) {
    problems.push("exclusive must be false, or nobody can register or log in any more.");
  }
  if (!covers(namespaces.users, `@someone:${serverName}`)) {
    problems.push(`namespaces.users does not cover @…:${serverName}.`);
  }
  if (limited !== false) problems.push("rate_limited must be false.");
  return problems;
}
