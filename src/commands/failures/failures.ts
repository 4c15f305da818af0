import { commandTarget } from "../../core/chats/command-target.ts";
import type { FailedChat } from "../../core/people/failures.ts";
import type { Command, CommandContext, CommandRequest } from "../command.ts";
import { counted } from "../counted.ts";

/** The most chats in one answer. */
const MOST = 20;

export const NOTHING_FAILED = "Nothing you wrote waits to be sent again.";

/** The answer that says what a person can send again or discard. */
export async function listFailures(
  { user }: Pick<CommandRequest, "user">,
  { failures, networks, store, clock }: CommandContext,
): Promise<readonly string[]> {
  const chats = await failures.of(user, networks.values());
  if (chats.length === 0) return [NOTHING_FAILED];
  const now = clock.now();
  const lines: string[] = [];
  for (const chat of chats.slice(0, MOST)) {
    const target = await commandTarget(store, chat.portal);
    const network = networks.get(chat.login.network)?.name ?? chat.login.network;
    const { room } = chat.portal;
    const where = room === undefined ? "" : ` The chat: https://matrix.to/#/${room}`;
    lines.push(
      `• ${chat.name} on ${network}: ${whatFailed(chat, now)} Write “retry ${target}” to send ${chat.messages.length === 1 ? "it" : "them"} again, or “discard ${target}” to hear no more of it.${where}`,
    );
  }
  const more = chats.length > MOST ? [`And in ${counted(chats.length - MOST, "more chat")}.`] : [];
  const all = "Write “retry all” to send all of it again, or “discard all”.";
  return [["This could not be delivered:", ...lines, ...more, all].join("\n")];
}

/** How many messages of a chat failed, when the last did, and why. */
function whatFailed({ messages }: FailedChat, now: number): string {
  const at = Math.max(...messages.map(({ createdAt, failure }) => failure?.at ?? createdAt));
  const last = messages.length === 1 ? "" : "the last one ";
  const reasons = new Set(messages.map(({ failure }) => failure?.words ?? "The chat says why."));
  return `${counted(messages.length, "message")}, ${last}${ago(now - at)}. ${Array.from(reasons).slice(-3).join(" ")}`;
}

const UNITS = [
  ["day", 86_400_000],
  ["hour", 3_600_000],
  ["minute", 60_000],
] as const;

function ago(milliseconds: number): string {
  for (const [unit, length] of UNITS)
    if (milliseconds >= length) return `${counted(Math.floor(milliseconds / length), unit)} ago`;
  return "just now";
}

export const failures: Command = {
  name: "failures",
  usage: "",
  summary: "Lists what could not be delivered, when and why.",
  group: "chats",
  run: listFailures,
};
