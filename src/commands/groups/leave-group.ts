import type { Answer } from "../../core/management/answers.ts";
import { chatNamed } from "../chat-named.ts";
import type { Command, CommandContext, CommandRequest } from "../command.ts";
import { yesOrNo } from "../yes-or-no.ts";

async function run(request: CommandRequest, context: CommandContext): Promise<readonly Answer[]> {
  const last = request.words.at(-1)?.toLowerCase();
  const decision = request.words.length > 2 && (last === "yes" || last === "no") ? last : undefined;
  const words = decision === undefined ? request.words : request.words.slice(0, -1);
  const about = await chatNamed({ ...request, words }, "leave-group", context);
  if (typeof about === "string") return [about];
  const { portal, name, network, target } = about;
  if (portal.kind === "direct")
    return [
      `${name} is one person, and no group. Leave their chat in your client, or write “mute ${target}”.`,
    ];
  if (decision === "no") return [`You are still in ${name}.`];
  if (decision === undefined)
    return [
      yesOrNo(
        `Leave ${name} on ${network.name}? Its members see that you left, and you come back only where one of them adds you. The room stays as it is, and nothing can be written in it any more.`,
        `leave-group ${target}`,
      ),
    ];
  await context.groups.leave(portal, request);
  return [`You leave ${name} as soon as ${network.name} knows. Its room says so then.`];
}

export const leaveGroup: Command = {
  name: "leave-group",
  usage: "<network> <group> [yes|no]",
  summary: "Leaves a group on the network; its room stays here, read-only.",
  group: "chats",
  run,
};
