import { existsSync } from "node:fs";
import { basename, join } from "node:path";
import { stringify } from "yaml";
import { quoted } from "../../config/quoted.ts";
import type { SynapseProcess } from "../synapse-process.ts";
import type { SynapseSide } from "./synapse-side.ts";

/** Lines for one place of somebody else's. */
interface Addition {
  /** Where they belong, as the object of “add to”. */
  readonly to: string;
  readonly lines: string;
}

/** What is to be done on Synapse's side. */
export interface ForSynapse {
  /** Commands to be run before; empty where none are. */
  readonly before: readonly string[];
  readonly additions: readonly Addition[];
  readonly restart: string;
  /** Whether `restart` is only what most have. */
  readonly isGuess: boolean;
}

/** Where a container finds the registrations. */
const INSIDE = "/thirdpartychats";

/** The lines to add on Synapse's side, and the command by which it takes them up. */
export function forSynapse(
  { kind, extraHost }: SynapseSide,
  registrations: readonly string[],
  running: SynapseProcess | undefined,
): ForSynapse {
  const inside = registrations.map((path) => join(INSIDE, basename(path)));
  const file = running?.config ?? "homeserver.yaml";
  switch (kind) {
    case "account":
      return {
        before: [],
        additions: [{ to: file, lines: configFiles(registrations) }],
        ...restartHere(running),
      };
    case "container": {
      const service = {
        volumes: registrations.map((path, at) => `${path}:${inside[at]}:ro`),
        ...(extraHost === undefined ? {} : { extra_hosts: [extraHost] }),
      };
      const compose = stringify({ services: { synapse: service } }, { lineWidth: 0 });
      return {
        before: [],
        additions: [
          { to: "homeserver.yaml", lines: configFiles(inside) },
          { to: "the service of Synapse in compose.yaml", lines: compose },
        ],
        restart: "docker compose up -d --force-recreate synapse",
        isGuess: true,
      };
    }
    case "playbook": {
      const mounts = registrations.map((path, at) => `--mount type=bind,src=${path},dst=${inside[at]},ro`);
      const hosts = extraHost === undefined ? [] : [`--add-host=${extraHost}`];
      const variables = {
        matrix_synapse_container_extra_arguments: [...mounts, ...hosts],
        matrix_synapse_app_service_config_files: inside,
      };
      return {
        before: [],
        additions: [{ to: "vars.yml of your host", lines: stringify(variables, { lineWidth: 0 }) }],
        restart: "ansible-playbook -i inventory/hosts setup.yml --tags=setup-synapse,start",
        isGuess: false,
      };
    }
    case "elsewhere": {
      const there = registrations.map((path) => join("/etc/matrix-synapse", basename(path)));
      return {
        before: [`scp ${registrations.map(quoted).join(" ")} SYNAPSE-MACHINE:/etc/matrix-synapse/`],
        additions: [{ to: "homeserver.yaml there", lines: configFiles(there) }],
        restart: DEBIANS,
        isGuess: true,
      };
    }
    default:
      return kind satisfies never;
  }
}

const configFiles = (paths: readonly string[]): string =>
  `app_service_config_files:\n${paths.map((path) => `  - ${JSON.stringify(path)}\n`).join("")}`;

const DEBIANS = "sudo systemctl restart matrix-synapse";

/** Debian's packages, and most guides, have it as a service of one of these names. */
function restartHere(running: SynapseProcess | undefined): Pick<ForSynapse, "restart" | "isGuess"> {
  const folders = ["/etc/systemd/system", "/lib/systemd/system", "/usr/lib/systemd/system"];
  const service = ["matrix-synapse", "synapse"].find((name) =>
    folders.some((folder) => existsSync(join(folder, `${name}.service`))),
  );
  if (service !== undefined) return { restart: `sudo systemctl restart ${service}`, isGuess: false };
  if (running?.config === undefined) return { restart: DEBIANS, isGuess: true };
  return { restart: `synctl restart ${quoted(running.config)}`, isGuess: true };
}
