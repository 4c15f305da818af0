/** What the bot says when a person verifies it by emoji, which its own half shows too. */
export const emojiWords = (emoji: readonly string[]): string =>
  `You are verifying me. I see these seven emoji: ${emoji.join(", ")}. Your app shows seven as well: if they are the same ` +
  "ones in the same order, say so in your app. If they are not, say that they do not match, and tell your administrator.";

export const VERIFIED =
  "You have verified me. Your app can send me the keys of what you write, also where it gives them only to who is verified.";

export const CANCELLED =
  "The verification was ended before it was done. Begin it again in your app whenever you like.";
