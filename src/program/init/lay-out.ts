import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type ListenAddress, shownListen } from "../../config/listen.ts";
import { loadConfig, parseConfig } from "../../config/load.ts";
import { whyUnwritten } from "../../core/model/unread-file.ts";
import { writeDoublePuppetRegistration } from "../../matrix/registration/double-puppet-registration.ts";
import { buildRegistration } from "../../matrix/registration/registration.ts";
import { writeRegistration } from "../../matrix/registration/registration-file.ts";
import { type BridgeConfig, configuredIds, networksConfig } from "../../networks/registry.ts";
import { ownAccount } from "../accounts.ts";
import { namesOf } from "../configuration.ts";
import { refused } from "../refused.ts";
import { startSandbox } from "../sandbox.ts";
import { unitFile } from "../systemd/unit-file.ts";
import type { DataFolder } from "./data-folder.ts";
import { forSynapse } from "./for-synapse.ts";
import { FreePorts } from "./free-ports.ts";
import type { Gathered } from "./gather.ts";
import { type ChosenProvisioning, provisioningPlace } from "./provisioning-place.ts";
import { makeReadableBy, whyNotEntered } from "./readable-by.ts";
import type { Report } from "./report.ts";
import { sandboxYaml } from "./sandbox-config.ts";
import { configYaml, type NetworkSections, sectionsToFillIn, sectionsTold } from "./written-config.ts";

/** Where somebody wants the bridge to listen for the homeserver, and by which address to be reached. */
export interface Chosen {
  readonly listen: ListenAddress | undefined;
  readonly url: string | undefined;
  readonly provisioning: ChosenProvisioning | undefined;
  /** Whether this runs in a container, out of which only its published ports are reached. */
  readonly contained: boolean;
}

const LOOPBACK = "127.0.0.1";
const EVERY = "0.0.0.0";

/** Writes all files into the folder and gives them their places. Throws BridgeError with words, having written nothing. */
export async function layOut(gathered: Gathered, folder: DataFolder, chosen: Chosen): Promise<Report> {
  const { homeserver, permissions, side, running } = gathered;
  const ports = new FreePorts();
  const { listenHost: host } = side;
  const listen = chosen.listen ?? { host, port: await ports.next(host, 29_340) };
  if (chosen.listen !== undefined) await ports.take(chosen.listen);
  // With Synapse within as well, the container stands for a machine.
  const isPublished = chosen.contained && side.kind !== "account";
  const ownHost = isPublished ? EVERY : LOOPBACK;
  const provisioning = await provisioningPlace(chosen.provisioning, ports, ownHost);
  const url =
    chosen.url ?? `http://${shownListen({ host: chosen.listen?.host ?? side.reachHost, port: listen.port })}`;
  const own = new OwnAddresses(ports, ownHost);
  const { staged, path } = folder;
  const networks = await networkSections(gathered, staged, own);
  // The image's health check asks from within.
  const health = await own.near("health and metrics", 29_342);
  own.given["for people's browsers"] = provisioning.listen;

  const text = configYaml({
    homeserver,
    listen: shownListen(listen),
    url,
    networks,
    permissions,
    health: shownListen(health),
    provisioning: { listen: shownListen(provisioning.listen), url: provisioning.url },
  });
  const name = {
    config: "config.yaml",
    first: "registration.yaml",
    second: "doublepuppet-registration.yaml",
  };
  write(join(staged, name.config), text);
  const config = parseConfig(text, {
    file: join(staged, name.config),
    networks: networksConfig,
    environment: {},
  });
  await writeRegistrations(config, join(staged, name.first), join(staged, name.second));
  const isSandbox = gathered.networks.kind === "sandbox";
  const files = {
    config: join(path, name.config),
    registration: join(path, name.first),
    doublePuppetRegistration: join(path, name.second),
    sandbox: isSandbox ? join(path, SANDBOX) : undefined,
    unit: gathered.unit ? join(path, "thirdpartychats.service") : undefined,
  };
  if (gathered.unit) {
    const account = ownAccount().name;
    write(join(staged, "thirdpartychats.service"), unitFile({ account, folder: path, ...files }));
  }
  folder.place();

  const registrations = [files.registration, files.doublePuppetRegistration];
  const remarks = [...side.remarks, provisioning.remark];
  if (isPublished) remarks.push(publishing(own.given));
  if (side.reader !== undefined)
    remarks.push(...makeReadableBy(side.reader, { folder: path, files: registrations }));
  if (side.kind === "account" && side.reader !== undefined) remarks.push(...whyNotEntered(side.reader, path));
  if (ownAccount().uid === 0) remarks.push(AS_ROOT);
  const loaded = loadConfig({ file: files.config, networks: networksConfig, environment: {} });
  return {
    homeserver,
    folder: path,
    files,
    addresses: { "for Synapse": listen, ...own.given },
    url,
    bot: `@${config.appservice.bot}:${homeserver.serverName}`,
    forSynapse: forSynapse(side, registrations, running),
    remarks,
    toFillIn: loaded.remarks.map(({ where, words }) => `${where}: ${words}`),
  };
}

const SANDBOX = "sandbox.yaml";
const AS_ROOT =
  "You are root, so all of this belongs to root, and so would the bridge. It needs no such power: better remove the folder and run init as a user of its own.";

/** How what is outside of the container reaches these addresses. */
function publishing(given: Readonly<Record<string, ListenAddress>>): string {
  const far = Object.values(given).filter(({ host }) => host !== LOOPBACK);
  const flags = far.map(({ port }) => `-p ${LOOPBACK}:${port}:${port}`);
  return `Publish these ports of the container this runs in, for its machine's browsers and reverse proxy: ${flags.join(" ")}. What listens on ${LOOPBACK} is reached from within the container alone; health.listen may be ${EVERY} too, for a Prometheus in another one.`;
}

/** The bridge's addresses on this machine that nobody else chooses. */
class OwnAddresses {
  readonly given: Record<string, ListenAddress> = {};
  readonly #ports: FreePorts;
  readonly #host: string;

  /** @param host where others reach the bridge */
  constructor(ports: FreePorts, host: string) {
    this.#ports = ports;
    this.#host = host;
  }

  next(what: string, usual: number): Promise<ListenAddress> {
    return this.#take(what, { host: this.#host, port: usual });
  }

  /** One for whoever is where the bridge is. */
  near(what: string, usual: number): Promise<ListenAddress> {
    return this.#take(what, { host: LOOPBACK, port: usual });
  }

  async #take(what: string, { host, port }: ListenAddress): Promise<ListenAddress> {
    const address = { host, port: await this.#ports.next(host, port) };
    this.given[what] = address;
    return address;
  }
}

/** The section `networks`; for the sandbox its files are written and it is started for a moment, as it makes its own keys. */
async function networkSections(
  { networks }: Gathered,
  staged: string,
  own: OwnAddresses,
): Promise<NetworkSections> {
  const real = networks.kind === "networks" ? networks.ids : networks.beside;
  const sections = await sectionsToFillIn(real, async (usual) =>
    shownListen(await own.next("for the networks' servers", portOf(usual))),
  );
  if (networks.kind === "networks") return sections;
  // The sandbox runs along with the bridge, and people play its phones in a browser.
  const partner = await own.near("for the networks' servers", 29_341);
  const control = await own.next("sandbox", 29_350);
  const file = join(staged, SANDBOX);
  write(file, sandboxYaml(control, shownListen(partner)));
  await using sandbox = await startSandbox(file);
  return { ...sections, value: { ...sectionsTold(sandbox.configuration), ...sections.value } };
}

const portOf = (address: string): number => Number(address.slice(address.lastIndexOf(":") + 1));

function write(path: string, text: string): void {
  try {
    writeFileSync(path, text, { flag: "wx", mode: 0o600 });
    chmodSync(path, 0o600);
  } catch (cause) {
    throw refused(`${path} could not be written. ${whyUnwritten(cause)}`, cause);
  }
}

async function writeRegistrations(config: BridgeConfig, first: string, second: string): Promise<void> {
  const { id, url } = config.appservice;
  const { server_name: serverName } = config.homeserver;
  const protocols = configuredIds(config);
  await writeRegistration(first, buildRegistration({ ...namesOf(config), id, url, protocols }));
  await writeDoublePuppetRegistration(second, { id, serverName });
}
