import { loginHandle } from "../core/chats/login-handle.ts";
import { knownAs } from "../core/logins/account-words.ts";
import type { Login } from "../core/ports/rows.ts";
import type { Command, CommandContext, CommandRequest } from "./command.ts";

/** The words for a login's state, to follow its network's name; `handle` stands for the login in commands. */
export function stateWords(
  login: Login,
  handle: string,
  { connections, networks }: Pick<CommandContext, "connections" | "networks">,
): string {
  const network = networks.get(login.network);
  if (login.state === "leaving") return "being turned off; the network has not confirmed it yet";
  const state = connections.state(login.id);
  switch (state.kind) {
    case "connected":
      return `on and connected; ${knownAs(network ?? {}, login.visibleId)}`;
    case "connecting":
      return "on, connecting";
    case "waiting":
      return `on, not connected at the moment. ${state.words} It is tried again by itself; messages wait meanwhile`;
    case "refused":
      // Turned off, a device loses the rooms in which it could go on; the words say what helps.
      if (network?.ownApp) return `on, but not connected. ${withoutStop(state.words)}`;
      return `on, but not connected. ${state.words} Turning it off and on again may help: write “disable ${handle}”, then “enable ${login.network}”`;
  }
}

/** As a stop follows. */
const withoutStop = (words: string): string => words.replace(/\.$/, "");

async function run({ user }: CommandRequest, context: CommandContext): Promise<readonly string[]> {
  const lines: string[] = [];
  for (const network of context.networks.values()) {
    const logins = await context.logins.of(user, network.id);
    for (const login of logins) {
      const chats = (await context.store.portals.ofLogin(login.id)).filter(
        ({ state }) => state === "open",
      ).length;
      const lost = await context.store.deadLetters.count(login.id);
      const failed = lost === 0 ? "" : ` Could not cross in the last 30 days, as their chats say: ${lost}.`;
      const handle = loginHandle(login, logins);
      const shown = handle === network.id ? network.name : `${network.name} (${handle})`;
      lines.push(`• ${shown}: ${stateWords(login, handle, context)}. Chats: ${chats}.${failed}`);
    }
  }
  if (lines.length === 0) return ["Nothing is turned on for you. Write “networks” to see what there is."];
  if (!(await context.spaces.puppets())) {
    lines.push(
      "• You accept invitations yourself, your list of direct chats is yours to keep, and whom you ignore in your client is blocked on the network only by “block”: the second registration, with which I could do it, is not installed on your homeserver. All else works.",
    );
  }
  return [lines.join("\n")];
}

export const status: Command = {
  name: "status",
  usage: "",
  summary: "Shows how your networks are doing.",
  group: "networks",
  run,
};
