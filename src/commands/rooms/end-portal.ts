import type { Answer } from "../../core/management/answers.ts";
import type { Ending } from "../../core/people/portal-endings.ts";
import { chatNamed } from "../chat-named.ts";
import type { Command, CommandContext, CommandRequest } from "../command.ts";
import { yesOrNo } from "../yes-or-no.ts";

interface Wording {
  readonly verb: string;
  readonly asks: (name: string) => string;
  readonly done: (name: string) => string;
}

const WORDS: Readonly<{ [E in Ending]: Wording }> = {
  unbridge: {
    verb: "unbridge",
    asks: (name) =>
      `Make the room of your chat with ${name} an ordinary room? The contacts and I leave it, you administer it, and what is written in it goes to nobody on the network. The chat gets a new room with its next message; what was written stays where it is.`,
    done: (name) =>
      `The room of your chat with ${name} becomes an ordinary one. The chat gets a new room with its next message.`,
  },
  delete: {
    verb: "delete-portal",
    asks: (name) =>
      `Close the room of your chat with ${name}? Everybody leaves it, you too, so its history cannot be read here any more. The chat stays on the network, and gets a new room with its next message.`,
    done: (name) =>
      `The room of your chat with ${name} is closed. The chat gets a new room with its next message.`,
  },
};

const ending =
  (how: Ending): Command["run"] =>
  async (request: CommandRequest, context: CommandContext): Promise<readonly Answer[]> => {
    const { verb, asks, done } = WORDS[how];
    const last = request.words.at(-1)?.toLowerCase();
    const decision = request.words.length > 2 && (last === "yes" || last === "no") ? last : undefined;
    const words = decision === undefined ? request.words : request.words.slice(0, -1);
    const about = await chatNamed({ ...request, words }, verb, context);
    if (typeof about === "string") return [about];
    const { portal, name, network, target } = about;
    const ended = { portal, network, user: request.user, how };
    const refusal = await context.endings.refusal(ended);
    if (refusal !== undefined) return [refusal];
    if (decision === "no") return [`The chat with ${name} stays in its room.`];
    if (decision === undefined) return [yesOrNo(asks(name), `${verb} ${target}`)];
    await context.endings.end(ended);
    return [done(name)];
  };

export const unbridge: Command = {
  name: "unbridge",
  usage: "<network> <whom> [yes|no]",
  summary: "Takes a chat out of its room, which goes on as an ordinary room of yours.",
  group: "rooms",
  run: ending("unbridge"),
};

export const deletePortal: Command = {
  name: "delete-portal",
  usage: "<network> <whom> [yes|no]",
  summary: "Closes the room of a chat; everybody leaves it, and the next message makes a new one.",
  group: "rooms",
  run: ending("delete"),
};
