import type { NoticeText } from "../../core/ports/login-flow.ts";
import { noticeDe } from "./notice-de.ts";

/** What a person reads before they link the bridge to their account. A change of its substance takes a new version. */
export const notice: NoticeText = {
  version: 1,
  translations: { de: noticeDe },
  summary: [
    "This links the bridge to your Signal account, like Signal on a computer. On this bridge, and on your homeserver unless you encrypt the chat, your Signal messages are plain text, and whoever runs them could read them.",
    "Signal learns that you have one more device, and when it is connected; it still cannot read your messages. Your contacts' names and pictures come here too.",
    "You can take it back at any time: write “disable signal”, or remove the device on your phone under Settings > Linked devices.",
  ],
  paragraphs: [
    "This links the bridge to your Signal account as one more of your devices, like Signal on a computer. Your phone stays the main one, and must have been used within the last 30 days or so; else Signal unlinks the others.",
    "Signal's promise of end-to-end encryption ends at this bridge. Between it and Signal messages are encrypted as on your phone. On this bridge they exist as plain text, with your contacts' names, pictures and numbers, and on your homeserver too unless you encrypt the chat, where this bridge lets you; whoever runs them could read them. Names, pictures and reactions are plain there in any case. Your contacts are not told of it.",
    "Signal's servers learn that your account has one more device, the address of this bridge on the Internet, and when it is connected. They cannot read your messages, and do not learn who writes to you by what this bridge does.",
    "With the link the bridge gets the keys that your other devices have: it can read and write as you, and it can read the contacts, settings and groups that Signal keeps for you, encrypted. They are stored on this bridge and deleted when you unlink it.",
    "Signal does not offer this to bridges, and does not forbid it by name; it could unlink such devices or refuse to serve them. This bridge is not made or supported by Signal.",
    "You can take it back at any time. Write “disable signal” here, or remove the device on your phone under Settings > Linked devices: your keys and queued messages here are then deleted. What was bridged stays in your Matrix rooms.",
  ],
};
