import { readdirSync, readFileSync, readlinkSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { parse } from "yaml";
import { valueAt } from "../config/document.ts";

/** A Synapse that runs on this machine, in a container or not. */
export interface SynapseProcess {
  readonly uid: number;
  readonly gid: number;
  /** Its first configuration file, as named where it runs; undefined where that is not known. */
  readonly config: string | undefined;
  readonly contained: boolean;
}

/** The Synapse of this name, where one runs here and can be told from others; `proc` is where the system lists processes. */
export function synapseProcess(serverName: string, proc = "/proc"): SynapseProcess | undefined {
  const running = readable(() => readdirSync(proc), [])
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => readProcess(proc, pid) ?? []);
  const named = running.find(({ names }) => names.includes(serverName));
  if (named !== undefined) return named;
  const [only, ...others] = running;
  return others.length === 0 && only?.names.length === 0 ? only : undefined;
}

function readProcess(
  proc: string,
  pid: string,
): (SynapseProcess & { readonly names: readonly string[] }) | undefined {
  const words = readable(() => readFileSync(`${proc}/${pid}/cmdline`, "utf8"), "").split("\0");
  if (!words.some((word) => word === "synapse.app.homeserver" || /(^|\/)synapse_homeserver$/.test(word)))
    return undefined;
  const owner = readable(() => statSync(`${proc}/${pid}`), undefined);
  if (owner === undefined) return undefined;
  const container = containerOf(proc, pid);
  const contained = container !== undefined && container !== containerOf(proc, "self");
  const folder = readable(() => readlinkSync(`${proc}/${pid}/cwd`), "/");
  const paths = words.flatMap((word, at) => {
    if (word === "-c" || word === "--config-path") return words[at + 1] ?? [];
    return word.startsWith("--config-path=") ? word.slice("--config-path=".length) : [];
  });
  const configs = paths.map((path) => resolve(folder, path));
  const names = contained ? [] : configs.flatMap(serverNames);
  return { uid: owner.uid, gid: owner.gid, config: configs[0], contained, names };
}

/** What a configuration file, or the files of a folder such as Debian's conf.d, give as `server_name`. */
function serverNames(path: string): readonly string[] {
  const isFolder = readable(() => statSync(path).isDirectory(), false);
  const files = isFolder ? readable(() => readdirSync(path), []).map((name) => join(path, name)) : [path];
  return files
    .filter((file) => /\.ya?ml$/.test(file))
    .map((file) => readable(() => valueAt(parse(readFileSync(file, "utf8")), ["server_name"]), undefined))
    .filter((name) => typeof name === "string");
}

const containerOf = (proc: string, pid: string): string | undefined =>
  /[0-9a-f]{64}/.exec(readable(() => readFileSync(`${proc}/${pid}/cgroup`, "utf8"), ""))?.[0];

/** Processes end while they are looked at, and others' files may not be read. */
function readable<T>(read: () => T, otherwise: T): T {
  try {
    return read();
  } catch {
    return otherwise;
  }
}
