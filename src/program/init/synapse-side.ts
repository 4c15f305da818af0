import { networkInterfaces } from "node:os";
import { isLoopback } from "../../config/listen.ts";
import { type Account, accountNamed, nameOf, ownAccount } from "../accounts.ts";
import { isContained } from "../container.ts";
import type { SynapseProcess } from "../synapse-process.ts";
import type { SynapseAnswer } from "./answers.ts";

/** How Synapse and the bridge come together. */
export interface SynapseSide {
  readonly kind: "account" | "container" | "playbook" | "elsewhere";
  /** Who has to read the registrations where they are written; undefined where they are copied away. */
  readonly reader: Account | undefined;
  /** The host the bridge listens on for it. */
  readonly listenHost: string;
  /** The host by which it reaches the bridge. */
  readonly reachHost: string;
  /** What the container needs to know of `reachHost`, as `host:address`; undefined where it knows the name. */
  readonly extraHost: string | undefined;
  readonly remarks: readonly string[];
}

/** The user of the image matrixdotorg/synapse, unless its UID and GID say otherwise. */
const IMAGE_USER: Account = { name: "991", uid: 991, gid: 991 };

/** What an empty answer to “how does Synapse run” means on this machine; `url` is where it is reached. */
export function usualSynapse(
  running: SynapseProcess | undefined,
  url: string,
  contained = isContained(),
): string {
  if (running?.contained === true) return "container";
  if (running !== undefined) return nameOf(running.uid);
  // What a container does not reach within itself is in another.
  if (contained && !isLoopback(new URL(url).hostname)) return "container";
  const known = ["matrix-synapse", "synapse"].find((name) => {
    try {
      return accountNamed(name);
    } catch {
      return false;
    }
  });
  return known ?? ownAccount().name;
}

/** Throws BridgeError with words where an account is named that does not exist. */
export function synapseSide(
  answer: SynapseAnswer,
  running: SynapseProcess | undefined,
  contained = isContained(),
): SynapseSide {
  switch (answer.kind) {
    case "account": {
      const loopback = { listenHost: "127.0.0.1", reachHost: "127.0.0.1", extraHost: undefined };
      return { kind: "account", reader: accountNamed(answer.account), ...loopback, remarks: [] };
    }
    case "container":
    case "playbook":
      return { kind: answer.kind, ...containerReader(answer.kind, running), ...wayFromContainer(contained) };
    case "elsewhere": {
      const address = firstAddress() ?? "0.0.0.0";
      const alone = "Let nobody but Synapse reach that address: a firewall, a VPN or a private network.";
      const remark = contained
        ? `This runs in a container, and ${address} is the container's: publish the bridge's port, and write the address by which Synapse's machine reaches it as appservice.url in config.yaml and as url in registration.yaml (--url does so at once). ${alone}`
        : `Synapse is to reach the bridge at ${address}; --listen and --url say otherwise. ${alone}`;
      const listenHost = contained ? "0.0.0.0" : address;
      return {
        kind: "elsewhere",
        reader: undefined,
        listenHost,
        reachHost: address,
        extraHost: undefined,
        remarks: [remark],
      };
    }
    default:
      return answer satisfies never;
  }
}

function containerReader(
  kind: "container" | "playbook",
  running: SynapseProcess | undefined,
): Pick<SynapseSide, "reader"> {
  if (running?.contained === true) {
    return { reader: { name: nameOf(running.uid), uid: running.uid, gid: running.gid } };
  }
  if (kind === "container") return { reader: IMAGE_USER };
  try {
    return { reader: accountNamed("matrix") };
  } catch {
    return { reader: IMAGE_USER };
  }
}

type Way = Pick<SynapseSide, "listenHost" | "reachHost" | "extraHost" | "remarks">;

/** How a container reaches the bridge: by its own container's name, or by the machine's address on their common network. */
function wayFromContainer(contained: boolean): Way {
  if (contained) {
    const remarks = [
      "This runs in a container itself, so Synapse is to reach it as “bridge”, its name in the compose file; --url says otherwise. The paths below are this container's: before the colons of volumes write those of the machine.",
    ];
    return { listenHost: "0.0.0.0", reachHost: "bridge", extraHost: undefined, remarks };
  }
  const engines = [
    { device: "docker0", host: "host.docker.internal" },
    { device: "podman0", host: "host.containers.internal" },
    { device: "cni-podman0", host: "host.containers.internal" },
  ];
  for (const { device, host } of engines) {
    const address = networkInterfaces()[device]?.find(({ family }) => family === "IPv4")?.address;
    if (address !== undefined) {
      return { listenHost: address, reachHost: host, extraHost: `${host}:host-gateway`, remarks: [] };
    }
  }
  const host = "host.docker.internal";
  const remarks = [
    "No network of docker or podman was found on this machine, so the bridge listens on all its addresses; --listen names one. Let nobody but Synapse reach its port from outside.",
  ];
  return { listenHost: "0.0.0.0", reachHost: host, extraHost: `${host}:host-gateway`, remarks };
}

/** The first IPv4 address by which other machines reach this one. */
export function firstAddress(): string | undefined {
  return Object.values(networkInterfaces())
    .flatMap((each) => each ?? [])
    .find(({ internal, family }) => !internal && family === "IPv4")?.address;
}
