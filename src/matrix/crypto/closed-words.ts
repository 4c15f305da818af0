import { BridgeError } from "../../core/model/errors.ts";
import type { Closed } from "./receiver.ts";

const AGAIN = "Then write it again.";

/** What a person is told of an event that can't be read, or isn't believed: what happened, and what to do. */
const WORDS: Readonly<Record<Closed, string>> = {
  "no-key":
    "Your app has not sent the bridge the key for it. Close the app, open it again and wait until it has loaded; " +
    "if it cannot send the key any more, write the message again. Where the key comes within seven days, I say so here.",
  "late-key": `It was encrypted before the bridge could read here. ${AGAIN.replace("Then w", "W")}`,
  withheld:
    "Your app keeps the key for it from the bridge, because it sends keys only to devices that you have verified. " +
    `Verify the bot in your app, or turn that setting off. ${AGAIN}`,
  "wrong-sender":
    "The key it was encrypted with belongs to somebody else than its sender, so the bridge does not believe it.",
  unsigned:
    "It came from a device that its owner has not confirmed, and this bridge takes messages only from confirmed ones. " +
    `Verify that device in your app's settings. ${AGAIN}`,
  "new-identity":
    "Your account has another identity in Matrix than when you verified the bot, as after a reset of it. If that was you, " +
    `verify the bot again in your app; if not, change your password. ${AGAIN}`,
  replayed:
    "It is a copy of an encrypted message that was here before, so the bridge does not send it again.",
  "in-clear":
    "It was not encrypted, though this room is, and this bridge takes only encrypted messages here. Update your app or " +
    `turn encryption on in its settings. ${AGAIN}`,
  malformed: `It is encrypted in a way that the bridge cannot read. ${AGAIN.replace("Then w", "W")}`,
};

export const closedError = (why: Closed): BridgeError =>
  new BridgeError("unreadable", { words: WORDS[why], certain: true });
