import { commandTarget } from "../../core/chats/command-target.ts";
import type { Answer } from "../../core/management/answers.ts";
import type { UserId } from "../../core/model/ids.ts";
import type { Prospect, WantedRoom } from "../../core/people/bridging.ts";
import { chatNamed, type NamedChat } from "../chat-named.ts";
import type { Command, CommandContext, CommandRequest } from "../command.ts";
import { loginsNamed, type NamedLogins } from "../logins-named.ts";
import { yesOrNo } from "../yes-or-no.ts";

/** The most people who are named among those who will read the chat. */
const MOST_NAMED = 10;
/** The most chats that are offered to choose from. */
const MOST_OFFERED = 20;

async function run(request: CommandRequest, context: CommandContext): Promise<readonly Answer[]> {
  const { homeserver, bridging } = context;
  const use = await bridging.use(request.room, request.user);
  // Our own chat is the one room that nobody means.
  if (use?.madeBy === homeserver.bot)
    return [
      `Write that in the room which is to be the chat, not here: invite me, ${homeserver.bot}, into it, give me the power to invite and to change it, and write “bridge …” there with the network and the chat's name.`,
    ];
  const last = request.words.at(-1)?.toLowerCase();
  const decision = request.words.length > 2 && (last === "yes" || last === "no") ? last : undefined;
  const words = decision === undefined ? request.words : request.words.slice(0, -1);
  const about = await chatToBridge({ ...request, words }, context);
  if (typeof about === "string") return [about];
  const { user, room, event } = request;
  const wanted = { user, room, event, ...about };
  const prospect = await bridging.prospect(wanted);
  if (typeof prospect === "string") return [prospect];
  if (decision === "no") return ["Nothing was changed; this room is no chat."];
  const newcomers = await bridging.newcomers(wanted, prospect);
  if (decision === undefined || newcomers.length > 0) {
    await bridging.asking(wanted, prospect);
    const since =
      decision === undefined ? "" : `Since I asked, others came into this room: ${listed(newcomers)}.\n`;
    return [
      yesOrNo(
        `${since}${prospectWords(wanted, prospect, homeserver.serverName)}\n“unbridge ${about.target}”, written to me in our own chat, ends it again.`,
        `bridge ${about.target}`,
      ),
    ];
  }
  await bridging.begin(wanted);
  return [];
}

/** The chat that is meant; or a sentence, with the chats there are. */
async function chatToBridge(
  request: Pick<CommandRequest, "user" | "words">,
  context: CommandContext,
): Promise<NamedChat | string> {
  const named = await loginsNamed(request, context);
  if (typeof named === "string") return `${named} Write “bridge …” with it and the chat's name.`;
  return request.words.length > 1 ? chatNamed(request, "bridge", context) : offered(named, context);
}

/** The chats that there are, with how each is written. */
async function offered(named: NamedLogins, { store }: CommandContext): Promise<string> {
  const lines: string[] = [];
  for (const login of named.logins.filter(({ state }) => state === "active")) {
    for (const portal of await store.portals.ofLogin(login.id)) {
      if (portal.state === "archived" || lines.length > MOST_OFFERED) continue;
      lines.push(`• “bridge ${await commandTarget(store, portal)}”`);
    }
  }
  const { id, name } = named.network;
  if (lines.length === 0)
    return `You have no chat on ${name} yet. Write “start-chat ${id} …” or “create-group ${id} …” to me, in our own chat, first.`;
  const rest = lines.length > MOST_OFFERED ? ["And more: write the name of the chat you mean."] : [];
  return ["Which chat?", ...lines.slice(0, MOST_OFFERED), ...rest].join("\n");
}

function listed(users: readonly UserId[]): string {
  const more = users.length > MOST_NAMED ? ` and ${users.length - MOST_NAMED} more` : "";
  return `${users.slice(0, MOST_NAMED).join(", ")}${more}`;
}

/** What will be, before it is. */
function prospectWords(
  { user, portal, network }: WantedRoom,
  { name, shown, joining, readers, before, encrypted, isOurs }: Prospect,
  server: string,
): string {
  const foreign = readers.filter((reader) => !reader.endsWith(`:${server}`));
  const who =
    portal.kind === "direct"
      ? joining === 0
        ? "Nobody else comes in: it is your chat with yourself."
        : `${name} comes in, as a user of this bridge.`
      : `${joining} member${joining === 1 ? "" : "s"} of the group come${joining === 1 ? "s" : ""} in, as users of this bridge.`;
  const reads =
    readers.length === 0
      ? "Nobody but you is in this room; whoever comes in later reads the chat."
      : `Everybody in this room reads the chat: ${listed(readers)}.`;
  const elsewhere =
    foreign.length === 0
      ? ""
      : " Some of them are on other servers, which then keep a copy of what is written.";
  const powers =
    portal.kind === "group"
      ? " The group says who may write, rename the room and invite, and has its topic and picture."
      : "";
  return [
    `Make this room the chat with ${name} on ${network.name}?`,
    `• ${who}`,
    `• ${reads}${elsewhere}`,
    `• You, ${user}, write there as yourself. What others write here is not sent, and they are told, unless they are in the chat with an account of their own.`,
    `• The room is called “${shown}” then.${powers}`,
    ...(encrypted
      ? ["• It is encrypted, and the chat is so in it. The bridge reads everything, as it must."]
      : []),
    ...(isOurs ? ["• It is our own chat until now; I open a new one for us."] : []),
    ...(before === undefined
      ? []
      : ["• The chat's room until now is closed and points here; what was written there stays there."]),
  ].join("\n");
}

export const bridge: Command = {
  name: "bridge",
  usage: "<network> <whom> [yes|no]",
  summary:
    "Makes a room that you administer the room of a chat. Written in that room, with me in it; I say first what comes of it.",
  group: "rooms",
  run,
};
