import { BridgeError } from "../../core/model/errors.ts";
import type { Registration } from "../../matrix/registration/registration.ts";
import { isInUse, openStored, type Stored } from "../../store/examine.ts";
import { loadedConfig } from "../configuration.ts";
import { databaseFile } from "../data/database-file.ts";
import { secondPath } from "../second-registration.ts";
import { synapseProcess } from "../synapse-process.ts";
import { checkAbilities, checkDoublePuppets, checkFilesThere, checkRooms } from "./check-abilities.ts";
import { checkClock } from "./check-clock.ts";
import { checkConfiguration, checkPermissions } from "./check-configuration.ts";
import { checkEncryption } from "./check-encryption.ts";
import { checkFiles } from "./check-files.ts";
import { checkHomeserverReached, checkNamespaces, checkToken } from "./check-homeserver.ts";
import { checkMachine } from "./check-machine.ts";
import { checkNetworks } from "./check-networks.ts";
import { checkProvisioning } from "./check-provisioning.ts";
import { checkRegistrations } from "./check-registrations.ts";
import { checkTraffic } from "./check-traffic.ts";
import { checkWayBack } from "./check-way-back.ts";
import { badWords, type Finding, untried } from "./finding.ts";
import type { Link } from "./link.ts";
import type { Patient } from "./patient.ts";

/** The files of a bridge. */
interface BridgeFiles {
  readonly config: string;
  readonly registration: string;
}

/**
 * Tries each link in order, beside the running bridge or without it. It reads, and leaves nothing but what its words say;
 * some of it holds the event loop for a while, so that a running bridge starts `doctor --json` in place of this.
 */
export async function* examine({ config: file, registration: path }: BridgeFiles): AsyncGenerator<Link> {
  const opened = openPatient(file, path);
  if (!("loaded" in opened)) return yield { name: "configuration", findings: opened };
  yield { name: "configuration", findings: checkConfiguration(opened) };
  yield { name: "permissions", findings: checkPermissions(opened) };
  const { server_name: serverName, url } = opened.loaded.config.homeserver;
  const running = synapseProcess({ serverName, url });
  const { findings, registration } = await checkRegistrations(opened, running);
  yield { name: "registrations", findings };
  yield { name: "files", findings: checkFiles(opened, running) };
  using stored = await storedOf(opened);
  yield { name: "machine", findings: await checkMachine(opened, stored) };
  yield { name: "traffic", findings: await checkTraffic(opened, stored) };
  yield* checkHomeserver(opened, registration, stored);
  yield { name: "settings", findings: await checkProvisioning(opened) };
  yield* checkNetworks(opened, stored);
}

/** Undefined where it cannot be read, which is said where the database is looked at. */
async function storedOf({ loaded }: Patient): Promise<Stored | undefined> {
  try {
    return await openStored(databaseFile(loaded.config));
  } catch {
    return undefined;
  }
}

/** The links between the bridge and its homeserver. */
async function* checkHomeserver(
  opened: Patient,
  registration: Registration | undefined,
  stored: Stored | undefined,
): AsyncGenerator<Link> {
  if (registration === undefined) {
    return yield {
      name: "homeserver",
      findings: [untried("not tried, as there is no registration to ask it with")],
    };
  }
  const patient = { ...opened, registration };
  // Without those that are needed the later ones would only repeat the same fault.
  const encryption = (it: typeof patient) => checkEncryption(it, stored);
  const links = [
    { name: "homeserver", check: checkHomeserverReached, isNeeded: true },
    { name: "clock", check: checkClock, isNeeded: false },
    { name: "token", check: checkToken, isNeeded: true },
    { name: "way back", check: checkWayBack, isNeeded: false },
    { name: "names", check: checkNamespaces, isNeeded: true },
    { name: "device", check: checkAbilities, isNeeded: false },
    { name: "media", check: checkFilesThere, isNeeded: false },
    { name: "rooms", check: checkRooms, isNeeded: false },
    { name: "encryption", check: encryption, isNeeded: false },
    { name: "puppets", check: checkDoublePuppets, isNeeded: false },
  ];
  let unmet: string | undefined;
  for (const { name, check, isNeeded } of links) {
    if (unmet !== undefined) {
      yield { name, findings: [untried(`not tried, as the ${unmet} is not in order`)] };
      continue;
    }
    const findings = [await check(patient)].flat();
    yield { name, findings };
    if (isNeeded && findings.some(({ kind }) => kind === "bad")) unmet = name;
  }
}

/** The bridge of the files, or what keeps its configuration from being read. */
function openPatient(file: string, registrationPath: string): Patient | readonly Finding[] {
  try {
    const loaded = loadedConfig(file);
    const inUse = isInUse(loaded.config.database);
    return {
      file,
      loaded,
      registrationPath,
      secondPath: secondPath(loaded.config, registrationPath),
      inUse,
    };
  } catch (error) {
    if (!(error instanceof BridgeError)) throw error;
    const [head = "", ...problems] = error.words.split("\n");
    if (problems.length === 0) return [badWords(file, head)];
    return problems.map((line) => {
      const [, where = file, words = line] = /^\s*(\S+): (.*)$/.exec(line) ?? [];
      return badWords(where, words);
    });
  }
}
