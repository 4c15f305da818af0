import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { called } from "../config/called.ts";
import type { Invocation } from "../config/command-line.ts";
import { BridgeError } from "../core/model/errors.ts";
import { writeDoublePuppetRegistration } from "../matrix/registration/double-puppet-registration.ts";
import { proxiedFields } from "../matrix/registration/proxied.ts";
import { buildRegistration, isSample } from "../matrix/registration/registration.ts";
import { assertNoFolder, writeRegistration } from "../matrix/registration/registration-file.ts";
import { configuredIds } from "../networks/registry.ts";
import { loadedConfig, namesOf } from "./configuration.ts";
import { secondPath } from "./second-registration.ts";

type Register = Extract<Invocation, { readonly kind: "register" }>;

/** Writes both registrations where they are not there yet; the exit status. */
export async function register({ config: file, registration: path, force }: Register): Promise<number> {
  const { config } = loadedConfig(file);
  const { appservice, homeserver } = config;
  const second = secondPath(config, path);
  for (const each of [path, second]) assertNoFolder(each);
  // The sample that comes with the bridge has tokens everybody knows.
  const written = existsSync(path) ? readFileSync(path, "utf8") : "";
  const kept = !force && existsSync(path) && !isSample(written);
  const secondKept = !force && existsSync(second);
  if (kept && secondKept) throw keptWords(path);
  if (!kept) {
    const { id, url } = appservice;
    const protocols = configuredIds(config);
    const made = buildRegistration({ ...namesOf(config), id, url, protocols });
    await writeRegistration(path, { ...made, ...proxiedFields(written) }, { replace: true });
  }
  if (!secondKept) {
    const { server_name: serverName } = homeserver;
    await writeDoublePuppetRegistration(second, { id: appservice.id, serverName, replace: true });
  }
  const wrote = (file: string, was: boolean): string => `${was ? "Kept" : "Wrote"} ${file}.`;
  console.log(`${wrote(path, kept)} It holds the tokens of the bridge: let only the bridge and the homeserver read it.
${wrote(second, secondKept)} It lets the bridge act as your users where they need it to: their chats are
joined for them, and their direct chats, read marks and tags kept in step. Leave its line out to do without.

Add this to homeserver.yaml of ${homeserver.server_name}, then restart the homeserver:

app_service_config_files:
  - ${JSON.stringify(resolve(path))}
  - ${JSON.stringify(resolve(second))}

Then start the bridge: ${called.start} -c ${file} -r ${path}`);
  return 0;
}

const keptWords = (path: string): BridgeError =>
  new BridgeError("bad-input", {
    words: `${path} is there already and its tokens are known to your homeserver, so it is left as it is.
To make a new one in its place add --force; then the homeserver must be restarted too.`,
    certain: true,
  });
