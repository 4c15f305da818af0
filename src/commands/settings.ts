import type { Command, CommandContext, CommandRequest } from "./command.ts";

const OFF =
  "This bridge has no settings page: its administrator has not turned it on. They add the section “provisioning” to the bridge's configuration and start the bridge again. " +
  "Write “help” to see what you can do here meanwhile.";

const LOCAL =
  "\nIt opens on the machine that the bridge runs on. To have it open elsewhere, the administrator sets “provisioning.url” in the bridge's configuration to an address that people reach.";

async function run({ user }: CommandRequest, { settingsPage }: CommandContext): Promise<readonly string[]> {
  const link = settingsPage?.linkFor(user);
  if (!link) return [OFF];
  return [
    `Your settings: ${link.address}\n` +
      `The link is for you alone. It opens the page once, within ${link.minutes} minutes; after that, write “settings” for another.${link.local ? LOCAL : ""}`,
  ];
}

export const settings: Command = {
  name: "settings",
  usage: "",
  summary: "Gives you a link to a page with your networks, contacts and settings.",
  group: "settings",
  run,
};
