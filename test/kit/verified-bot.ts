import { expect } from "@jest/globals";
import type { CryptoClient } from "./crypto-client.ts";

/** A person verifies the bot by emoji: in a new direct chat with it, and from device to device. */
export async function verifiesBot(client: CryptoClient, bot: string): Promise<void> {
  expect(await client.isVerified(bot)).toBe(false);
  const emoji = await client.verify(bot, await client.makeRoom(bot));
  const shown = await client.shows("the bot's emoji", ({ content }) =>
    String(content["body"]).includes("seven emoji"),
  );
  expect(String(shown.content["body"])).toContain(emoji.join(", "));
  await client.shows("that it is done", ({ content }) =>
    String(content["body"]).includes("You have verified me"),
  );
  expect(await client.isVerified(bot)).toBe(true);
  expect(await client.verify(bot)).toHaveLength(7);
}
