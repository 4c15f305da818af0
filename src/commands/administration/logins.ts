import type { ConnectionState } from "../../core/ports/network.ts";
import type { Command, CommandContext, CommandRequest } from "../command.ts";
import { counted } from "../counted.ts";
import { forAdministrators } from "./for-administrators.ts";

/** The bot says no more in one message. */
const MOST_LINES = 40;

type Report = Awaited<ReturnType<CommandContext["administration"]["logins"]>>[number];

const isUp = ({ login, state }: Report): boolean => login.state === "active" && state.kind === "connected";

function howWords({ login, network, state, trouble }: Report): string {
  if (network === undefined) return "its network is not in the configuration";
  if (login.state === "leaving") return "being turned off; the network has not confirmed it yet";
  return trouble === undefined
    ? stateWords(state)
    : `not connected. ${sentence(trouble.what)} ${trouble.cure}`;
}

function stateWords(state: ConnectionState): string {
  switch (state.kind) {
    case "connected":
    case "connecting":
      return state.kind;
    case "waiting":
      return `not connected at the moment. ${state.words} It is tried again by itself.`;
    case "refused":
      return `not connected, and not tried again by itself. ${state.words}`;
  }
}

/** A sentence, whatever it is made of. */
const sentence = (words: string): string => (/[.!?]$/u.test(words) ? words : `${words}.`);

async function run(_request: CommandRequest, { administration }: CommandContext): Promise<readonly string[]> {
  const all = await administration.logins();
  if (all.length === 0)
    return [
      "Nobody has turned a network on yet. People do it themselves, with “enable” in their chat with me.",
    ];
  const up = all.filter(isUp);
  // What needs looking at comes first.
  const shown = [...all.filter((one) => !isUp(one)), ...up].slice(0, MOST_LINES);
  const lines = shown.map((one) => {
    const { login, network, lost } = one;
    const failed = lost === 0 ? "" : ` Could not cross in the last 30 days: ${lost}.`;
    return `• ${login.user} on ${network?.name ?? login.network}: ${sentence(howWords(one))}${failed} Login ${login.id}.`;
  });
  const hidden = all.length - shown.length;
  return [
    [
      `${counted(all.length, "login")}, ${up.length} connected:`,
      ...lines,
      ...(hidden === 0 ? [] : [`And ${hidden} more that are connected.`]),
      ...(up.length === all.length
        ? []
        : ["Write “reconnect all” to connect anew at once, or “help reconnect” to see how for one of them."]),
    ].join("\n"),
  ];
}

export const logins: Command = forAdministrators({
  name: "logins",
  usage: "",
  summary: "Lists everybody's logins, and why one is not connected.",
  run,
});
