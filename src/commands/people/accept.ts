import { nameOf } from "../../core/chats/chat-profiles.ts";
import { setMuted } from "../../core/chats/mutes.ts";
import { isRequest } from "../../core/chats/requests.ts";
import { declinedWords } from "../../core/management/request-answers.ts";
import type { Command, CommandContext, CommandRequest } from "../command.ts";
import { contactNamed } from "../contact-named.ts";
import { type InvitedGroup, invitationNamed } from "../invitation-named.ts";

async function accepts(request: CommandRequest, context: CommandContext): Promise<readonly string[]> {
  const invited = await invitationNamed(request, "accept", context);
  if (invited !== undefined)
    return [typeof invited === "string" ? invited : await acceptsInvitation(invited, context)];
  const about = await contactNamed(request, "accept", context);
  if (typeof about === "string") return [about];
  const { network, login, chat, target } = about;
  const { portal, ghost } = chat;
  const before = (await isRequest(context.store, portal)) || portal.member === "left";
  await context.requests.accept(portal);
  await setMuted(context.store, portal, false);
  await context.chatStarter.openAgain(login, network, portal);
  const blocked =
    chat.contact?.blocked === true ? ` They are still blocked; write “unblock ${target}” to lift that.` : "";
  return [
    before
      ? `You accepted the chat with ${ghost.name}, who sees what you read and write there.${blocked}`
      : `There is nothing to accept: the chat with ${ghost.name} is open.${blocked}`,
  ];
}

export const accept: Command = {
  name: "accept",
  usage: "<network> <whom>",
  summary:
    "Accepts the chat of somebody who writes to you for the first time, or whom you declined, or the invitation to a group.",
  group: "contacts",
  topic: "block",
  run: accepts,
};

async function acceptsInvitation(
  { portal, login, network }: InvitedGroup,
  context: CommandContext,
): Promise<string> {
  await context.requests.accept(portal);
  await context.chatStarter.openAgain(login, network, portal);
  return `You accepted: you are in ${await nameOf(context.store, portal)} as soon as ${network.name} knows.`;
}

async function declines(request: CommandRequest, context: CommandContext): Promise<readonly string[]> {
  const invited = await invitationNamed(request, "decline", context);
  if (typeof invited === "string") return [invited];
  if (invited) {
    await context.requests.decline(invited.portal, invited.login.user);
    const name = await nameOf(context.store, invited.portal);
    return [`You declined the invitation to ${name}. If you are invited again, I ask you again.`];
  }
  const { words } = request;
  const blocks = words.length > 2 && words.at(-1)?.toLowerCase() === "block";
  const about = await contactNamed(
    { ...request, words: blocks ? words.slice(0, -1) : words },
    "decline",
    context,
  );
  if (typeof about === "string") return [about];
  const { network, login, chat, target } = about;
  const { portal, ghost } = chat;
  if (blocks) await context.contactActs.setBlocked({ network, portal }, true);
  await context.requests.decline(portal, login.user);
  if (!blocks) return [declinedWords(ghost.name, target)];
  return [
    `You declined the chat with ${ghost.name}, who is blocked and not told. Write “report ${target}” to report them, or “unblock ${target}” and “accept ${target}” to have the chat after all.`,
  ];
}

export const decline: Command = {
  name: "decline",
  usage: "<network> <whom> [block]",
  summary:
    "Declines the chat of somebody who writes to you for the first time: you leave it and are not invited again. Or the invitation to a group.",
  group: "contacts",
  topic: "block",
  run: declines,
};
