import type { Invocation } from "../../core/model/events.ts";
import { fieldOf } from "../http/json.ts";

const LONGEST = 1_000;
const MOST_ARGUMENTS = 20;

/** The command that a client has read for a bot (MSC4391, unstable or stable name); undefined where it is none. */
export function commandIn(content: unknown): Invocation | undefined {
  const command = fieldOf(content, "org.matrix.msc4391.command") ?? fieldOf(content, "m.bot.command");
  const name = fieldOf(command, "command");
  if (typeof name !== "string" || name === "" || name.length > LONGEST) return undefined;
  const given = fieldOf(command, "arguments");
  const pairs = typeof given === "object" && given !== null ? Object.entries(given) : [];
  const values = pairs.slice(0, MOST_ARGUMENTS).map(([key, value]) => [key, wordsOf(value)] as const);
  return { name, arguments: Object.fromEntries(values.filter(([, words]) => words !== "")) };
}

/** A value as one would type it; a room or event is an object with its id. */
function wordsOf(value: unknown): string {
  if (typeof value === "string") return value.slice(0, LONGEST).trim();
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  if (Array.isArray(value)) return value.slice(0, MOST_ARGUMENTS).map(wordsOf).filter(Boolean).join(" ");
  const id = fieldOf(value, "id");
  return typeof id === "string" ? id.slice(0, LONGEST) : "";
}
