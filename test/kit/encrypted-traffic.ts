import type { EncryptedChat } from "./encrypted-chats.ts";
import { counter, type Moment } from "./traffic.ts";

/**
 * Sends `total` numbered messages each way, spread over encrypted chats, while `faults` runs; then judges each chat.
 * Resolves to the seconds until all had arrived.
 */
export async function carryEncrypted(
  chats: readonly EncryptedChat[],
  total: number,
  faults: (moment: Moment) => Promise<void>,
): Promise<number> {
  const from = performance.now();
  const each = Math.ceil(total / chats.length);
  const progress = counter(each * chats.length * 2);
  const numbered = async (say: (text: string) => Promise<void>, side: string): Promise<void> => {
    for (let number = 0; number < each; number += 1) {
      await say(`from ${side} ${number}`);
      progress.count();
    }
  };
  await Promise.all([
    faults(progress.moment),
    ...chats.map((chat) => numbered((text) => chat.hears(text), "the phone")),
    ...chats.map((chat) => numbered((text) => chat.says(text), "Matrix")),
  ]);
  // On a busy machine most of it is still to be handled.
  for (const chat of chats) await chat.arrives(Math.max(120, total));
  const seconds = (performance.now() - from) / 1000;
  for (const chat of chats) await chat.judge();
  return seconds;
}
