import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { tryLock } from "../process/lock.ts";
import { freePorts, isFree } from "../process/ports.ts";
import { newSettings } from "../world/settings.ts";
import { endLeftovers } from "./leftovers.ts";
import { type DemoState, newPeople } from "./state.ts";

/** A folder that this demo alone uses until it is disposed. */
export interface DemoFolder extends Disposable {
  readonly path: string;
  readonly state: DemoState;
  readonly isNew: boolean;
  save(state: DemoState): void;
}

/**
 * The first of the folders 1, 2, … below `data` that no running demo uses and whose remembered ports are free. A folder
 * whose ports someone took is left as it is, for the day they are free again.
 */
export async function openFolder(data: string, say: (line: string) => void): Promise<DemoFolder> {
  for (let number = 1; ; number++) {
    const path = join(data, String(number));
    mkdirSync(path, { recursive: true });
    // Only the owner may read the folder: it holds passwords and tokens, some in files that others could read.
    chmodSync(path, 0o700);
    const held = tryLock(join(path, "demo.lock"));
    if (held === undefined) {
      say(`Another demo is running in ${path}; this one gets a folder of its own`);
      continue;
    }
    await endLeftovers(path, say);
    const file = join(path, "demo.json");
    const old = existsSync(file) ? await stored(file) : undefined;
    if (old !== undefined && !(await allFree(old))) {
      say(`The ports of ${path} are taken by something else; using another folder`);
      held[Symbol.dispose]();
      continue;
    }
    const save = (state: DemoState): void => {
      writeFileSync(`${file}.new`, JSON.stringify(state, undefined, 2), { mode: 0o600 });
      renameSync(`${file}.new`, file);
    };
    const state = old ?? { settings: await newSettings("localhost"), users: newPeople(), contacts: {} };
    save(state);
    return { path, state, isNew: old === undefined, save, [Symbol.dispose]: () => held[Symbol.dispose]() };
  }
}

/** What the file holds, with ports for what there was not yet when it was written. */
async function stored(file: string): Promise<DemoState> {
  const state = JSON.parse(readFileSync(file, "utf8")) as DemoState;
  const { settings } = state;
  const kept: Partial<typeof settings.ports> = settings.ports;
  const [newPage = 0, newProvisioning = 0, newSignal = 0, newServices = 0] = await freePorts(4);
  const { page = newPage, provisioning = newProvisioning } = kept;
  const { signal = newSignal, signalServices = newServices } = kept;
  const ports = { ...settings.ports, page, provisioning, signal, signalServices };
  return { ...state, settings: { ...settings, ports } };
}

async function allFree({ settings }: DemoState): Promise<boolean> {
  const free = await Promise.all(Object.values(settings.ports).map((port: number) => isFree(port)));
  return free.every(Boolean);
}
