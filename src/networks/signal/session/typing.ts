import { ContentHint } from "@signalapp/libsignal-client";
import type { ChatId } from "../../../core/model/ids.ts";
import { faultOf } from "../../../core/ports/log.ts";
import { isGroupChat, personIn } from "../ids.ts";
import type { LoginContext } from "../login-context.ts";
import { encodeContent } from "../wire/encode-content.ts";
import { pad } from "../wire/padding.ts";
import type { Configuration } from "./configuration.ts";
import { deliver } from "./deliver.ts";
import type { GroupSender } from "./groups/group-sender.ts";
import { type Known, openGroup, requireWriting } from "./groups/open-group.ts";

interface TypingParts {
  readonly context: LoginContext;
  readonly configuration: Configuration;
  readonly groups: { readonly sender: Pick<GroupSender, "send">; readonly known: Known };
}

/**
 * Tells whom the chat is with whether our person is writing, where the person lets that be told. In a group only those
 * learn it who read what is sent to all at once. Best effort.
 */
export async function tellTyping(parts: TypingParts, chat: ChatId, active: boolean): Promise<void> {
  const { context, configuration } = parts;
  const { store, clock, log, login, own } = context;
  try {
    if (!(await configuration.get()).typingIndicators) return;
    const at = clock.now();
    if (isGroupChat(chat)) return await tellGroup(parts, chat, active, at);
    const to = personIn(chat);
    if (to === own) return;
    await deliver(context, {
      to,
      plaintext: pad(encodeContent({ body: { kind: "typing", typing: active, at } })),
      timestamp: at,
      hint: ContentHint.Implicit,
      online: true,
      urgent: false,
      commit: (record) => store.write(record),
    });
  } catch (error) {
    log.debug("that our person is writing could not be told", { login, ...faultOf(error) });
  }
}

async function tellGroup(
  { context: { store, own }, groups: { sender, known } }: TypingParts,
  chat: ChatId,
  active: boolean,
  at: number,
): Promise<void> {
  const group = await openGroup(known, chat);
  requireWriting(group, own, "message");
  await sender.send({
    group,
    body: { kind: "typing", typing: active, at, group: group.cipher.id },
    timestamp: at,
    hint: ContentHint.Implicit,
    urgent: false,
    passing: true,
    commit: (record) => store.write(record),
  });
}
