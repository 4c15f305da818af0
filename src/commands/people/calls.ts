import { tellLoginOfCalls, tellsOfCalls } from "../../core/delivery/call-notices.ts";
import type { Command, CommandContext, CommandRequest } from "../command.ts";
import { loginsNamed } from "../logins-named.ts";

async function run({ user, words }: CommandRequest, context: CommandContext): Promise<readonly string[]> {
  const { store, settings } = context;
  const [chosen = "", where] = words.map((word) => word.toLowerCase());
  if (chosen !== "on" && chosen !== "off") {
    const on = await settings.calls(user);
    const own = (await store.logins.all()).filter((login) => login.user === user);
    const others: string[] = [];
    for (const login of own) if ((await tellsOfCalls(store, login)) !== on) others.push(login.visibleId);
    const except = others.length === 0 ? "" : `, but ${on ? "not " : ""}for ${others.join(", ")}`;
    return [
      `You are ${on ? "" : "not "}told when somebody calls you${except}. Write “calls on” or “calls off” to change that, with a network behind it for that network alone.`,
    ];
  }
  const on = chosen === "on";
  const what = on
    ? "You are told in the chat when somebody calls you"
    : "You are not told any more when somebody calls you";
  if (where === undefined) {
    await settings.setCalls(user, on);
    return [`${what}.`];
  }
  const named = await loginsNamed({ user, words: [where] }, context);
  if (typeof named === "string") return [named];
  if (named.logins.length === 0)
    return [`${named.network.name} is off for you. Write “enable ${named.network.id}” first.`];
  await tellLoginOfCalls(store, named.logins, on);
  return [`${what} on ${named.network.name}.`];
}

export const calls: Command = {
  name: "calls",
  usage: "on|off [network]",
  summary: "Chooses whether you are told in the chat when somebody calls you, which the bridge cannot take.",
  group: "settings",
  run,
};
