import { commandTarget, isNameable } from "../../core/chats/command-target.ts";
import { isClosedForNow } from "../../core/chats/groups/closed-for-now.ts";
import { isRequest } from "../../core/chats/requests.ts";
import type { Answer } from "../../core/management/answers.ts";
import { shortened } from "../../core/model/cut-text.ts";
import { groupsNamed, type NamedGroup, whichChat } from "../chat-named.ts";
import type { Command, CommandContext, CommandRequest } from "../command.ts";
import { loginsNamed } from "../logins-named.ts";
import { yesOrNo } from "../yes-or-no.ts";

const VERB = "leave-group";
/** The most groups that are offered to choose from. */
const MOST_OFFERED = 20;

async function run(request: CommandRequest, context: CommandContext): Promise<readonly Answer[]> {
  const last = request.words.at(-1)?.toLowerCase();
  const decision = request.words.length > 2 && (last === "yes" || last === "no") ? last : undefined;
  const words = decision === undefined ? request.words : request.words.slice(0, -1);
  const about = await groupToLeave({ ...request, words }, context);
  if (typeof about === "string") return [about];
  const { portal, name, network, target } = about;
  if (await isRequest(context.store, portal))
    return [`You are not in ${name} yet. Write “decline ${target}” if you do not want to be.`];
  if (decision === "no") return [`You are still in ${name}.`];
  if (decision === undefined)
    return [
      yesOrNo(
        `Leave ${name} on ${network.name}? Its members see that you left, and you come back only where one of them adds you. The room stays as it is, and nothing can be written in it any more.`,
        `${VERB} ${target}`,
      ),
    ];
  await context.groups.leave(portal, request);
  return [`You leave ${name} as soon as ${network.name} knows. Its room says so then.`];
}

/** The group that is meant, also where a contact has the name too; or a sentence, with the groups there are. */
async function groupToLeave(
  request: Pick<CommandRequest, "user" | "words">,
  context: CommandContext,
): Promise<NamedGroup | string> {
  const named = await loginsNamed(request, context);
  if (typeof named === "string") return `${named} Write “leave-group …” with it and the group's name.`;
  const groups = await groupsNamed(request, named, context);
  const [group, ...others] = groups;
  if (group) return others.length === 0 ? group : whichChat(groups, VERB);
  const { network } = named;
  const logins = named.logins.filter(({ state }) => state === "active");
  if (logins.length === 0) return `${network.name} is off for you. Write “enable ${network.id}” first.`;
  const typed = request.words.slice(1).join(" ");
  for (const login of typed === "" ? [] : logins) {
    const [contact] = await context.contacts.called(login, network, typed);
    if (contact)
      return `${contact.ghost.name} is one person, and no group. Leave their chat in your client, or write “mute ${await commandTarget(context.store, contact.portal)}”.`;
  }
  const lines: string[] = [];
  let closed: string | undefined;
  for (const login of logins)
    for (const portal of await context.store.portals.ofLogin(login.id))
      if (await isClosedForNow(context.store, portal))
        closed ??= context.connections.client(login.id)?.capabilities(portal.chat).closed;
      else if (portal.kind === "group" && isNameable(portal) && !(await isRequest(context.store, portal)))
        lines.push(`• “${VERB} ${await commandTarget(context.store, portal)}”`);
  const why = typed === "" ? "" : `You are in no group called “${shortened(typed, 60)}” on ${network.name}. `;
  if (lines.length === 0 && closed !== undefined) return `${closed} You can leave a group when that is over.`;
  if (lines.length === 0) return `You are in no group on ${network.name} that has a room here.`;
  const rest = lines.length > MOST_OFFERED ? ["And more: write the name of the group you mean."] : [];
  return [`${why}Which group?`, ...lines.slice(0, MOST_OFFERED), ...rest].join("\n");
}

export const leaveGroup: Command = {
  name: VERB,
  usage: "<network> <group> [yes|no]",
  summary: "Leaves a group on the network; its room stays here, read-only.",
  group: "chats",
  run,
};
