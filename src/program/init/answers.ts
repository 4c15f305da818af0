import type { Asked } from "../../matrix/discovery/discovery.ts";
import { refused } from "../refused.ts";

/** The five things `init` has to know, as flags and typed answers give them. */
export const topics = ["homeserver", "users", "networks", "synapse", "unit"] as const;
export type Topic = (typeof topics)[number];

const SERVER_NAME = /^(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?$/;

/** A name, an address, or both: `example.org`, `@ana:example.org`, `http://127.0.0.1:8008`, `example.org http://…`. */
export function readHomeserver(text: string): Asked {
  const words = text.split(/[\s,]+/).filter((word) => word !== "");
  const addresses = words.filter((word) => /^\w+:\/\//.test(word));
  const names = words.filter((word) => !addresses.includes(word)).map((word) => word.replace(/^@[^:]*:/, ""));
  if (words.length === 0 || addresses.length > 1 || names.length > 1) {
    throw refused(
      "Give one name of a homeserver, one address, or one of each: example.org http://127.0.0.1:8008",
    );
  }
  const [serverName] = names;
  if (serverName !== undefined && !(SERVER_NAME.test(serverName) && URL.canParse(`https://${serverName}`))) {
    throw refused(
      `“${serverName}” is no server's name. It is what your Matrix id has behind the colon: @you:example.org.`,
    );
  }
  const [address] = addresses.map(readAddress);
  return {
    ...(serverName === undefined ? {} : { serverName }),
    ...(address === undefined ? {} : { address }),
  };
}

/** An http(s) address without user name, query and fragment, and without a slash at its end. */
export function readAddress(text: string): string {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol) || /[?#@]/.test(text)) {
    throw refused(
      `“${text}” is no http(s) address without user name, ? or #, such as http://127.0.0.1:8008.`,
    );
  }
  return url.href.replace(/\/+$/, "");
}

/** Who may use the bridge, as the section `permissions` has it. */
export type Permissions = Readonly<Record<string, "user" | "admin">>;

/** `all` is everybody of the server; of the Matrix ids, with or without their server, the first is the administrator's. */
export function readUsers(text: string, serverName: string): Permissions {
  const words = text.split(/[\s,]+/).filter((word) => word !== "");
  const everybody = words.filter((word) => word.toLowerCase() === "all" || word === serverName);
  const people = words.filter((word) => !everybody.includes(word)).map((word) => userId(word, serverName));
  if (words.length === 0) throw refused("Name at least one Matrix id, or all.");
  const [administrator, ...others] = [...new Set(people)];
  return Object.fromEntries([
    ...(administrator === undefined ? [] : [[administrator, "admin"] as const]),
    ...others.map((user) => [user, "user"] as const),
    ...(everybody.length === 0 ? [] : [[serverName, "user"] as const]),
  ]);
}

function userId(word: string, serverName: string): string {
  const whole = word.includes(":") ? word : `${word}:${serverName}`;
  if (!/^@[^\s:]+:\S+$/.test(whole)) throw refused(`“${word}” is no Matrix id, such as @ana:${serverName}.`);
  const server = whole.slice(whole.indexOf(":") + 1);
  if (server === serverName) return whole;
  throw refused(`${whole} is not of ${serverName}; the bridge serves the people of its own homeserver.`);
}

export type NetworksAnswer =
  /** Those that are played on this machine, and real ones beside them, by id. */
  | { readonly kind: "sandbox"; readonly beside: readonly string[] }
  /** Networks by id. */
  | { readonly kind: "networks"; readonly ids: readonly string[] };

/** Of the networks that are offered, the sandbox plays some. */
export function readNetworks(
  text: string,
  offered: readonly string[],
  played: readonly string[],
): NetworksAnswer {
  const words = text
    .toLowerCase()
    .split(/[\s,]+/)
    .filter((word) => word !== "");
  const unknown = words.find((word) => word !== "sandbox" && !offered.includes(word));
  const choice = `Choose sandbox, or some of ${offered.join(", ")}.`;
  if (unknown !== undefined) throw refused(`There is no network “${unknown}”. ${choice}`);
  if (words.length === 0) throw refused(choice);
  const ids = [...new Set(words)].filter((word) => word !== "sandbox");
  if (!words.includes("sandbox")) return { kind: "networks", ids };
  const twice = ids.find((id) => played.includes(id));
  if (twice !== undefined)
    throw refused(`The sandbox plays ${twice} itself: leave out one of the two. ${choice}`);
  return { kind: "sandbox", beside: ids };
}

/** How Synapse runs, which decides who must read the registrations and how it reaches the bridge. */
export type SynapseAnswer =
  | { readonly kind: "account"; readonly account: string }
  | { readonly kind: "container" | "playbook" | "elsewhere" };

export function readSynapse(text: string): SynapseAnswer {
  const word = text.trim();
  if (word === "container" || word === "playbook" || word === "elsewhere") return { kind: word };
  if (/^[A-Za-z0-9._][A-Za-z0-9._$-]*$/.test(word)) return { kind: "account", account: word };
  throw refused("Give the name or number of the user Synapse runs as, or container, playbook or elsewhere.");
}

export function readYesNo(text: string): boolean {
  const word = text.trim().toLowerCase();
  if (word === "yes" || word === "y") return true;
  if (word === "no" || word === "n") return false;
  throw refused("Answer yes or no.");
}
