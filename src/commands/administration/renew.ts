import type { Command, CommandContext, CommandRequest } from "../command.ts";
import { counted } from "../counted.ts";
import { forAdministrators } from "./for-administrators.ts";

const WHAT = "encryption";

async function run(
  { words: [what] }: CommandRequest,
  { homeserver: { encryption } }: CommandContext,
): Promise<readonly string[]> {
  if (what?.toLowerCase() !== WHAT) return [`Write “renew ${WHAT}” to renew the sessions that encrypt.`];
  if (!encryption) return ["The bridge reads no encrypted rooms, so there is nothing to renew."];
  const count = await encryption.renew();
  return [
    `${counted(count, "user")} of mine ${count === 1 ? "gets a new session" : "get new sessions"} for encrypted rooms: I have mine, and each contact's user gets one with their next message. ` +
      "They keep their identities, so nobody has to verify anything anew. What is written in the next seconds may not be readable; whoever wrote it is told.",
  ];
}

export const renew: Command = forAdministrators({
  name: "renew",
  usage: WHAT,
  summary: "Renews the sessions that encrypt, where messages cannot be read.",
  run,
});
