import { expect } from "@jest/globals";
import type { CryptoClient, CryptoEvent } from "./crypto-client.ts";

/** A person verifies the bot by emoji, in a new direct chat with it. */
export async function verifiesBot(client: CryptoClient, bot: string): Promise<void> {
  expect(await client.isVerified(bot)).toBe(false);
  const room = await client.makeRoom(bot);
  const says = (words: string) => (event: CryptoEvent) =>
    event.room === room && String(event.content["body"]).includes(words);
  const emoji = await client.verify(bot, room);
  const shown = await client.shows("the bot's emoji", says("seven emoji"));
  expect(String(shown.content["body"])).toContain(emoji.join(", "));
  await client.shows("that it is done", says("You have verified me"));
  expect(await client.isVerified(bot)).toBe(true);
}
