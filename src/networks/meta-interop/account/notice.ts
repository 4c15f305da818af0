import type { NoticeText } from "../../../core/ports/login-flow.ts";
import { noticeDeFor } from "./notice-de.ts";

/** The notice that a person reads before they agree. A change of its substance takes a new version. */
export function noticeFor(network: string): NoticeText {
  return {
    version: 1,
    translations: { de: noticeDeFor(network) },
    summary: [
      `Meta, which runs ${network}, learns who you are there, whom you write with and when, but not what you write. On this bridge, and on your homeserver unless you encrypt the chat, messages are plain text, and whoever runs them could read them.`,
      `Status updates, stickers, disappearing messages and calls are not available. You can take it back at any time by writing “disable ${network.toLowerCase()}”.`,
      `You reach people who turned on “third-party chats”, which ${network} offers in the European Economic Area only.`,
    ],
    paragraphs: [
      `This connects you to people on ${network} who have turned on “third-party chats”. It only works, and is only allowed, while you are in the European Economic Area.`,
      `${network} is run by Meta. Meta learns the name you are known by there, when you are connected, whom you write to and who writes to you, and when. It cannot read your messages.`,
      `${network}'s promise of end-to-end encryption ends at this bridge. Between the bridge and ${network} messages are encrypted with the Signal protocol; on this bridge they exist as plain text, and on your homeserver too unless you encrypt the chat, where this bridge lets you; whoever runs them could read them. Names, pictures and reactions are plain there in any case.`,
      `Not available here: ${network} status updates, stickers, disappearing and view-once messages, and calls.`,
      `Nothing is sent to ${network} about you before you say yes. You can take it back at any time by writing “disable ${network.toLowerCase()}”: your registration there is withdrawn, and your keys and queued messages here are deleted.`,
    ],
  };
}
