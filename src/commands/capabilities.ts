import type { Capabilities } from "../core/model/capabilities.ts";
import { windowWords } from "../core/model/duration-words.ts";
import { kindWords, sizeWords } from "../core/model/limits.ts";
import type { MediaKind } from "../core/model/media.ts";
import type { Command, CommandContext, CommandRequest } from "./command.ts";
import { loginsNamed, whichLogin } from "./logins-named.ts";

async function run(request: CommandRequest, context: CommandContext): Promise<readonly string[]> {
  const named = await loginsNamed(request, context);
  if (typeof named === "string") return [named];
  const { network, logins } = named;
  const [login, ...others] = logins;
  if (others.length > 0) return [whichLogin(named, "capabilities", "")];
  const client = login && context.connections.client(login.id);
  return [
    [`What ${network.name} takes from here:`, ...lines(client?.capabilities() ?? network.capabilities)].join(
      "\n",
    ),
  ];
}

function lines(granted: Capabilities): readonly string[] {
  const can = (
    ["reactions", "replies", "edits", "deletes", "typing", "receipts", "location", "contacts"] as const
  ).map((name) => `• ${name}: ${granted[name] ? "yes" : "no"}`);
  const blocks = `• blocking a contact: ${granted.blocks ? "yes" : "no"}`;
  const media = (
    Object.entries(granted.media) as [MediaKind, NonNullable<Capabilities["media"][MediaKind]>][]
  ).map(([kind, { bytes }]) => `• ${kindWords[kind]}: up to ${sizeWords(bytes)}`);
  return [
    `• text: up to ${granted.text} characters, captions up to ${granted.caption}`,
    ...media,
    ...can,
    blocks,
    ...(granted.editWindow === undefined ? [] : [`• edits for ${windowWords(granted.editWindow)}`]),
    ...(granted.deleteWindow === undefined ? [] : [`• deletes for ${windowWords(granted.deleteWindow)}`]),
    ...(granted.editCount === undefined ? [] : [`• ${granted.editCount} edits of a message`]),
    ...(granted.expires
      ? [
          "• disappearing messages: they disappear here too",
          "• never: status updates, view-once messages, calls",
        ]
      : ["• never: status updates, disappearing and view-once messages, calls"]),
  ];
}

export const capabilities: Command = {
  name: "capabilities",
  usage: "<network>",
  summary: "Shows what a network takes, with its limits.",
  group: "networks",
  run,
};
