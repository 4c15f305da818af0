import type { Prefixed } from "../../core/management/command-runs.ts";
import type { NetworkId } from "../../core/model/ids.ts";
import { distance } from "./distance.ts";

/** What other bridges' people write, by the command that does it here; after it may come what they wrote behind it. */
const INSTEAD: ReadonlyMap<string, { readonly command: string; readonly takesRest?: true }> = new Map([
  ...(["login", "relogin", "register", "link"] as const).map(
    (word) => [word, { command: "enable" }] as const,
  ),
  ...(["logout", "delete-session", "unlink"] as const).map((word) => [word, { command: "disable" }] as const),
  ...(["list-logins", "ping", "whoami", "info", "connection"] as const).map(
    (word) => [word, { command: "status" }] as const,
  ),
  ...(["pm", "dm", "chat", "msg", "message", "contact", "resolve-identifier"] as const).map(
    (word) => [word, { command: "start-chat", takesRest: true }] as const,
  ),
  ["delete-chat", { command: "delete-portal", takesRest: true }],
  ["delete-all-portals", { command: "delete-portal" }],
  ["create", { command: "create-group", takesRest: true }],
  ["list", { command: "search", takesRest: true }],
  ["contacts", { command: "search", takesRest: true }],
  ["stop", { command: "cancel" }],
]);

/** What other bridges' people write that is no command here, with how it is done. */
const OTHERWISE: ReadonlyMap<string, string> = new Map([
  ...(["leave"] as const).map(
    (word) =>
      [
        word,
        "Leave the room in your client. You are invited again when they write; “help mute” shows how to stay out, and “help leave-group” how to leave a group.",
      ] as const,
  ),
  ...(["login-matrix", "logout-matrix", "ping-matrix", "double-puppet"] as const).map(
    (word) =>
      [
        word,
        "I act for you by a registration that your administrator installs, without a token of yours. Write “status” to see whether it is there.",
      ] as const,
  ),
  ...(["join", "invite-link", "resolve-link"] as const).map(
    (word) =>
      [
        word,
        "Groups are joined in the network's own app, or by an invitation to you. Write “networks” to see what there is here.",
      ] as const,
  ),
  ...(["sync", "sync-portal", "sync-chats", "sync-space", "backfill", "create-portal", "open"] as const).map(
    (word) =>
      [
        word,
        "Chats come by themselves. If the room of one cannot be used, “help new-room” shows how to get another.",
      ] as const,
  ),
  ...(["set-relay", "unset-relay", "set-pl", "set-preferred-login", "id", "sudo", "doin"] as const).map(
    (word) => [word, "I have no such command. Write “help” to see what I can do."] as const,
  ),
]);

/** What other bridges' commands begin with. */
const PREFIXES: ReadonlySet<string> = new Set(
  "wa whatsapp fb facebook meta messenger ig instagram signal tg telegram gm gmessages slack discord li linkedin bsky bluesky x twitter tpc".split(
    " ",
  ),
);

const isKnown = (word: string): boolean => INSTEAD.has(word) || OTHERWISE.has(word);

/** Reads a command that is written as to another bridge's bot. */
export function prefixed(
  text: string,
  isOurs: (word: string) => boolean,
  networks: Iterable<NetworkId> = [],
): Prefixed | undefined {
  const [, typed = "", rest = ""] = /^!([a-z-]+)(?:\s+([^]*))?$/iu.exec(text.trim()) ?? [];
  const prefix = typed.toLowerCase();
  if (!PREFIXES.has(prefix) && !Array.from(networks).includes(prefix as NetworkId)) return undefined;
  const word = rest.split(/\s/u, 1)[0]?.toLowerCase() ?? "";
  return { prefix, rest, isCommand: word === "" || isOurs(word) || isKnown(word) };
}

/** What is meant by a word that is no command; `networks`: of the person's those that are on first. */
export function suggestionFor(
  name: string,
  rest: string,
  { commands, networks }: { readonly commands: readonly string[]; readonly networks: readonly NetworkId[] },
): { readonly command: string } | { readonly words: string } | undefined {
  const words = OTHERWISE.get(name);
  if (words !== undefined) return { words };
  const habit = INSTEAD.get(name);
  if (habit) return { command: insteadOf(habit, rest, networks) };
  const command = nearest(name, commands);
  return command === undefined ? undefined : { command: [command, rest].filter(Boolean).join(" ") };
}

function insteadOf(
  { command, takesRest }: { readonly command: string; readonly takesRest?: true },
  rest: string,
  networks: readonly NetworkId[],
): string {
  if (command === "status" || command === "cancel") return command;
  const [first = "", ...others] = rest.split(/\s+/u);
  const named = networks.find((id) => id === first.toLowerCase());
  const whom = (named === undefined ? [first, ...others] : others).join(" ");
  const network = command === "search" ? [] : [named ?? networks[0] ?? ""];
  return [command, ...network, takesRest ? whom : ""].filter(Boolean).join(" ");
}

/** The command that a word was most likely meant to be: one that it begins, or one that is few letters away. */
function nearest(word: string, commands: readonly string[]): string | undefined {
  if (word.length < 2 || word.length > 20) return undefined;
  if (word.length > 2) {
    const begun = commands.filter((command) => command.startsWith(word));
    // “status” of “status” and “statuses”.
    const [shortest] = begun.toSorted((one, other) => one.length - other.length);
    if (shortest !== undefined && begun.every((command) => command.startsWith(shortest))) return shortest;
  }
  const most = word.length < 5 ? 1 : 2;
  const near = commands
    .map((command) => ({ command, far: distance(word, command) }))
    .filter(({ far }) => far <= most)
    .toSorted((one, other) => one.far - other.far);
  return near[0]?.command;
}
