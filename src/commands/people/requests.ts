import type { Command, CommandContext, CommandRequest } from "../command.ts";

async function run(
  { user, words }: CommandRequest,
  { settings }: CommandContext,
): Promise<readonly string[]> {
  const chosen = words[0]?.toLowerCase();
  if (chosen === "on" || chosen === "off") await settings.setRequests(user, chosen === "on");
  const on = await settings.requests(user);
  if (chosen === "on" || chosen === "off")
    return [
      on
        ? "I ask you about each person who writes to you for the first time. Until you accept they do not see what you read and write."
        : "Whoever writes to you for the first time is accepted. Those I have asked you about still wait for your answer.",
    ];
  return [`Requests are ${on ? "on" : "off"}. Write “requests on” or “requests off” to change that.`];
}

export const requests: Command = {
  name: "requests",
  usage: "on|off",
  summary: "Chooses whether you are asked about people who write to you for the first time.",
  group: "settings",
  run,
};
