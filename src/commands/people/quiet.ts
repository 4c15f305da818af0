import { FOR_EVER } from "../../core/delivery/quiet-until.ts";
import { chatNamed } from "../chat-named.ts";
import type { Command, CommandContext, CommandRequest } from "../command.ts";

const HOUR = 3_600_000;
const UNITS: Readonly<Record<string, number>> = { h: HOUR, d: 24 * HOUR, w: 7 * 24 * HOUR };
const UNIT_WORDS: Readonly<Record<string, string>> = { h: "hour", d: "day", w: "week" };
const LONGEST = 52 * 7 * 24 * HOUR;
const FOR_HOW_LONG = /^(?:(\d{1,3})([hdw])|off)$/i;

async function run(request: CommandRequest, context: CommandContext): Promise<readonly string[]> {
  const { words } = request;
  const asked = words.length > 2 ? FOR_HOW_LONG.exec(words.at(-1) ?? "") : null;
  const about = await chatNamed({ ...request, words: asked ? words.slice(0, -1) : words }, "quiet", context);
  if (typeof about === "string") return [about];
  const { portal, name, target, login } = about;
  const [, count = "", letter = ""] = asked ?? [];
  if (asked === null) {
    const until = await context.quiet.until(portal);
    const usage = `Write “quiet ${target} 8h” (or 1d, 1w) to have it notify you of nothing for that long, and “quiet ${target} off” to end that.`;
    return [
      `The chat with ${name} is ${until === undefined ? "not quiet" : `quiet until ${when(until)}`}. ${usage}`,
    ];
  }
  const unit = letter.toLowerCase();
  if (unit === "") {
    await context.quiet.set(portal, login.user, undefined);
    return [`The chat with ${name} notifies you again, as your client is set.`];
  }
  const ms = Number(count) * (UNITS[unit] ?? HOUR);
  if (ms === 0 || ms > LONGEST)
    return [`A chat can be quiet for 1 hour to 52 weeks. Write for instance “quiet ${target} 8h”.`];
  await context.quiet.set(portal, login.user, ms);
  const long = `${Number(count)} ${UNIT_WORDS[unit] ?? ""}${Number(count) === 1 ? "" : "s"}`;
  return [
    `The chat with ${name} notifies you of nothing for ${long}, then again by itself. Write “quiet ${target} off” to end that sooner.`,
  ];
}

/** In UTC, as the bridge does not know where the person is. */
const when = (at: number): string =>
  at === FOR_EVER ? "you end that" : `${new Date(at).toISOString().slice(0, 16).replace("T", " ")} UTC`;

export const quiet: Command = {
  name: "quiet",
  usage: "<network> <whom> [8h|1d|1w|off]",
  summary: "Has a chat notify you of nothing for a while.",
  group: "contacts",
  run,
};
