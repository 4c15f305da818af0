import type { PersonSetting } from "../core/ports/login-flow.ts";
import type { Network } from "../core/ports/network.ts";
import type { Command } from "./command.ts";

/** The commands for the configured networks' settings of a person, one for each name. */
export function settingCommands(networks: Iterable<Pick<Network, "settings">>): readonly Command[] {
  const settings = new Map<string, PersonSetting>();
  for (const network of networks)
    for (const setting of network.settings)
      if (!settings.has(setting.name)) settings.set(setting.name, setting);
  return Array.from(settings.values(), (setting) => ({
    name: setting.name,
    usage: setting.usage,
    ...(setting.example === undefined ? {} : { example: setting.example }),
    summary: setting.summary,
    group: "settings",
    topic: "login",
    run: async ({ user, words }) => [
      words.length === 0 ? await setting.shown(user) : await setting.change(user, words.join(" ")),
    ],
  }));
}
