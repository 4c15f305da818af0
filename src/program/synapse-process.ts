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
  /** When it was started, in milliseconds since the epoch; undefined where the system does not say. */
  readonly startedAt: number | undefined;
  /** The registrations it reads, and the file that lists them; undefined where that cannot be read, or lists none. */
  readonly appservices: { readonly file: string; readonly registrations: readonly string[] } | undefined;
}

interface Seen extends SynapseProcess {
  readonly names: readonly unknown[];
  readonly ports: readonly unknown[];
}

/** Which homeserver is looked for. */
interface Wanted {
  readonly serverName: string;
  /** Where the bridge reaches it; tells several of one name apart. */
  readonly url: string;
}

/** The Synapse of this name, where one runs here and can be told from others; `proc` is where the system lists processes. */
export function synapseProcess({ serverName, url }: Wanted, proc = "/proc"): SynapseProcess | undefined {
  const running = readable(() => readdirSync(proc), [])
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => readProcess(proc, pid) ?? []);
  const named = running.filter(({ names }) => names.includes(serverName));
  const port = Number(new URL(url).port);
  const candidates = named.length > 1 ? named.filter(({ ports }) => ports.includes(port)) : named;
  const [found, ...others] =
    candidates.length > 0 ? candidates : running.filter(({ names }) => names.length === 0);
  return others.length === 0 ? found : undefined;
}

function readProcess(proc: string, pid: string): Seen | undefined {
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
  const settings = contained ? [] : configs.flatMap(settingsIn);
  const listeners = settings.flatMap(({ value }) => listOf(value, "listeners"));
  // Of a key in several files the last one counts.
  const listing = settings.findLast(({ value }) => valueAt(value, [LIST]) !== undefined);
  const registrations = listOf(listing?.value, LIST).map((path) => resolve(folder, String(path)));
  return {
    uid: owner.uid,
    gid: owner.gid,
    config: configs[0],
    contained,
    startedAt: startOf(proc, pid),
    appservices: listing === undefined ? undefined : { file: listing.file, registrations },
    names: settings.map(({ value }) => valueAt(value, ["server_name"])).filter((name) => name !== undefined),
    ports: listeners.map((listener) => valueAt(listener, ["port"])),
  };
}

const LIST = "app_service_config_files";

const listOf = (value: unknown, key: string): readonly unknown[] => {
  const list = valueAt(value, [key]);
  return Array.isArray(list) ? (list as readonly unknown[]) : [];
};

/** What a configuration file says, or each file of a folder such as Debian's conf.d. */
function settingsIn(path: string): readonly { readonly file: string; readonly value: unknown }[] {
  const isFolder = readable(() => statSync(path).isDirectory(), false);
  const files = isFolder ? readable(() => readdirSync(path), []).map((name) => join(path, name)) : [path];
  return files
    .filter((file) => /\.ya?ml$/.test(file))
    .map((file) => ({ file, value: readable((): unknown => parse(readFileSync(file, "utf8")), undefined) }));
}

/** By the system's boot and the ticks from then, of which Linux shows a hundred a second to programs (proc(5)). */
function startOf(proc: string, pid: string): number | undefined {
  const boot = /^btime (\d+)$/m.exec(readable(() => readFileSync(`${proc}/stat`, "utf8"), ""))?.[1];
  const stat = readable(() => readFileSync(`${proc}/${pid}/stat`, "utf8"), "");
  // The program's name, in brackets, may hold blanks; what follows it begins with the third field.
  const ticks = stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
  return boot === undefined || ticks === undefined ? undefined : Number(boot) * 1000 + Number(ticks) * 10;
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
