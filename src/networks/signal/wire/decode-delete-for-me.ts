import type { Target } from "./data-message.ts";
import { timeFrom } from "./fields.ts";
import type {
  ConversationIdentifier,
  SyncMessage_DeleteForMe as DeleteForMe,
  AddressableMessage as MessageName,
} from "./gen/sync-message_pb.js";
import { readServiceId } from "./service-id.ts";
import type { Conversation, Deletion } from "./sync.ts";

/** Without those of which the chat or the message is not said. */
export function deletionsFrom(message: DeleteForMe): Deletion[] {
  return [
    ...message.messageDeletes.flatMap(({ conversation, messages }) =>
      within(conversation, (chat): Deletion => ({ kind: "messages", chat, messages: targetsFrom(messages) })),
    ),
    ...message.conversationDeletes.flatMap(({ conversation, isFullDelete: whole, ...named }) => {
      const latest = targetsFrom([...named.mostRecentMessages, ...named.mostRecentNonExpiringMessages]);
      return within(conversation, (chat): Deletion => ({ kind: "chat", chat, latest, whole }));
    }),
    ...message.localOnlyConversationDeletes.flatMap(({ conversation }) =>
      within(conversation, (chat): Deletion => ({ kind: "chat", chat, latest: [], whole: true })),
    ),
    ...message.attachmentDeletes.flatMap(({ conversation, targetMessage }) => {
      const [target] = targetMessage ? targetsFrom([targetMessage]) : [];
      if (target === undefined) return [];
      return within(conversation, (chat): Deletion => ({ kind: "attachment", chat, message: target }));
    }),
  ];
}

function within(
  conversation: ConversationIdentifier | undefined,
  deletion: (chat: Conversation) => Deletion,
): Deletion[] {
  const chat = conversation && chatFrom(conversation);
  return chat === undefined ? [] : [deletion(chat)];
}

function chatFrom(message: ConversationIdentifier): Conversation | undefined {
  const person = readServiceId(message.threadServiceId, message.threadServiceIdBinary);
  if (person !== undefined) return { person };
  if (message.threadGroupId.length > 0) return { group: message.threadGroupId };
  return message.threadE164 === "" ? undefined : { number: message.threadE164 };
}

const targetsFrom = (names: readonly MessageName[]): Target[] =>
  names.flatMap((name) => {
    const author = readServiceId(name.authorServiceId, name.authorServiceIdBinary);
    const timestamp = timeFrom(name.sentTimestamp);
    return author === undefined || timestamp === undefined ? [] : [{ author, timestamp }];
  });
