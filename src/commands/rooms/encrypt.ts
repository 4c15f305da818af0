import {
  ALREADY,
  CANNOT_BE_UNDONE,
  OFF,
  WHAT_IT_GIVES,
} from "../../core/chats/encryption/encryption-words.ts";
import type { Answer } from "../../core/management/answers.ts";
import { chatNamed } from "../chat-named.ts";
import type { Command, CommandContext, CommandRequest } from "../command.ts";
import { counted } from "../counted.ts";
import { yesOrNo } from "../yes-or-no.ts";

/** The word for the person's own chat with the bot. */
const HERE = "here";

async function run(request: CommandRequest, context: CommandContext): Promise<readonly Answer[]> {
  const { encryption } = context;
  if (!encryption.isOn) return [OFF];
  const last = request.words.at(-1)?.toLowerCase();
  const decision = request.words.length > 1 && (last === "yes" || last === "no") ? last : undefined;
  const words = decision === undefined ? request.words : request.words.slice(0, -1);
  if (words.length === 0) return [await overview(request, context)];
  const isHere = words.length === 1 && words[0]?.toLowerCase() === HERE;
  const about = isHere ? undefined : await chatNamed({ ...request, words }, "encrypt", context);
  if (typeof about === "string") return [about];
  const refusal = about
    ? await encryption.refusal(about.portal)
    : (await encryption.has(request.room))
      ? ALREADY
      : undefined;
  if (refusal !== undefined) return [refusal];
  const what = about ? `your chat with ${about.name}` : "this chat with me";
  if (decision === "no") return [`Nothing was changed about ${what}.`];
  const target = about?.target ?? HERE;
  if (decision === undefined)
    return [yesOrNo(`Encrypt ${what}? ${CANNOT_BE_UNDONE} ${WHAT_IT_GIVES}`, `encrypt ${target}`)];
  const room = about ? about.portal.room : request.room;
  if (room !== undefined) await encryption.switchOn(room);
  return about ? [`Your chat with ${about.name} is encrypted from now on.`] : [];
}

async function overview({ user, room }: CommandRequest, context: CommandContext): Promise<string> {
  const { encryption, store, homeserver } = context;
  let encrypted = 0;
  let all = 0;
  for (const network of context.networks.values())
    for (const login of await store.logins.of(user, network.id))
      for (const chat of await encryption.of(login)) {
        all += 1;
        if (chat.encrypted) encrypted += 1;
      }
  const here = await encryption.has(room);
  return [
    `Of your ${counted(all, "chat")} ${encrypted} ${encrypted === 1 ? "is" : "are"} encrypted, and this chat with me is${here ? "" : " not"}. ${WHAT_IT_GIVES}`,
    `• “encrypt <network> <whom>” encrypts a chat, for good`,
    ...(here ? [] : [`• “encrypt ${HERE}” encrypts this one`]),
    `My key, to compare with what your client shows of me (${homeserver.bot}): ${(await encryption.fingerprint()) ?? ""}`,
  ].join("\n");
}

export const encrypt: Command = {
  name: "encrypt",
  usage: "[<network>|here] [<whom>] [yes|no]",
  summary: "Encrypts the room of a chat, for good, and shows my key.",
  group: "rooms",
  run,
};
