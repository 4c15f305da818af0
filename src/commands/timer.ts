import { durationWords } from "../core/model/duration-words.ts";
import { queueChange } from "../core/people/queue-change.ts";
import { chatNamed } from "./chat-named.ts";
import type { Command, CommandContext, CommandRequest } from "./command.ts";
import { secondsNamed } from "./duration.ts";

async function run(request: CommandRequest, context: CommandContext): Promise<readonly string[]> {
  const { words, time } = split(request.words);
  const about = await chatNamed({ ...request, words }, "timer", context);
  if (typeof about === "string") return [about];
  const { portal, name, network, login, target } = about;
  const most = context.connections.client(login.id)?.capabilities(portal.chat).longestTimer;
  if (!context.connections.client(login.id))
    return [`${network.name} is not connected. Write “status” to see why, and try again.`];
  if (most === undefined)
    return [`${network.name} does not let this bridge set the timer of disappearing messages.`];
  const seconds = time === undefined ? undefined : secondsNamed(time);
  if (seconds === undefined)
    return [
      `After how long do messages with ${name} disappear, once they are read? Write “timer ${target} 1 week” for instance, in seconds, minutes, hours, days or weeks, or “timer ${target} off”.`,
    ];
  if (seconds > most) return [`${network.name} keeps such messages for ${durationWords(most)} at most.`];
  await queueChange(context, portal, { kind: "timer", seconds }, request);
  const what =
    seconds === 0 ? "do not disappear any more" : `disappear ${durationWords(seconds)} after they are read`;
  return [
    `New messages with ${name} ${what}, as soon as ${network.name} knows. The chat's room says so then.`,
  ];
}

/** The time is at the end, of one word or two. */
function split(words: readonly string[]): { readonly words: readonly string[]; readonly time?: string } {
  for (const count of [2, 1]) {
    const time = words.slice(-count).join(" ");
    if (words.length - count >= 2 && secondsNamed(time) !== undefined)
      return { words: words.slice(0, -count), time };
  }
  return { words };
}

export const timer: Command = {
  name: "timer",
  usage: "<network> <whom> <time|off>",
  example: "signal Wim 1 week",
  summary: "Sets after how long the messages of a chat disappear, for everybody in it.",
  group: "chats",
  run,
};
