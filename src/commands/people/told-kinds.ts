import { type ToldKind, tellLogins, tellsLogin } from "../../core/delivery/told-kinds.ts";
import type { Command, CommandContext, CommandRequest } from "../command.ts";
import { loginsNamed } from "../logins-named.ts";

/** A command by which people choose whether they are told of something that cannot be had here; `when` it happens. */
function choosing(kind: ToldKind, when: string) {
  return async ({ user, words }: CommandRequest, context: CommandContext): Promise<readonly string[]> => {
    const { store, settings } = context;
    const [chosen = "", where] = words.map((word) => word.toLowerCase());
    if (chosen !== "on" && chosen !== "off") {
      const on = await settings.told(kind, user);
      const own = (await store.logins.all()).filter((login) => login.user === user);
      const others: string[] = [];
      for (const login of own)
        if ((await tellsLogin(store, kind, login)) !== on) others.push(login.visibleId);
      const except = others.length === 0 ? "" : `, but ${on ? "not " : ""}for ${others.join(", ")}`;
      return [
        `You are ${on ? "" : "not "}told when ${when}${except}. Write “${kind} on” or “${kind} off” to change that, with a network behind it for that network alone.`,
      ];
    }
    const on = chosen === "on";
    const what = on ? `You are told in the chat when ${when}` : `You are not told any more when ${when}`;
    if (where === undefined) {
      await settings.setTold(kind, user, on);
      return [`${what}.`];
    }
    const named = await loginsNamed({ user, words: [where] }, context);
    if (typeof named === "string") return [named];
    if (named.logins.length === 0)
      return [`${named.network.name} is off for you. Write “enable ${named.network.id}” first.`];
    await tellLogins(store, kind, named.logins, on);
    return [`${what} on ${named.network.name}.`];
  };
}

export const calls: Command = {
  name: "calls",
  usage: "on|off [network]",
  summary: "Chooses whether you are told in the chat when somebody calls you, which the bridge cannot take.",
  group: "settings",
  run: choosing("calls", "somebody calls you"),
};

export const stories: Command = {
  name: "stories",
  usage: "on|off [network]",
  summary:
    "Chooses whether you are told in the chat when somebody posts a story or status update, which the bridge cannot show.",
  group: "settings",
  run: choosing("stories", "somebody posts a story or status update"),
};
