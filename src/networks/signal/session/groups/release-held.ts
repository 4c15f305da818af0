import { BridgeError } from "../../../../core/model/errors.ts";
import type { ChatId } from "../../../../core/model/ids.ts";
import { faultOf } from "../../../../core/ports/log.ts";
import type { HeldMessage } from "../../group-records.ts";
import type { LoginContext } from "../../login-context.ts";
import { signalFamily } from "../../records.ts";
import { decodeContent } from "../../wire/decode-content.ts";
import { unpad } from "../../wire/padding.ts";
import { newBatch } from "../batch.ts";
import type { IncomingContent } from "../incoming-content.ts";

/** How many messages are released in one commit. */
const MOST = 32;

/**
 * Takes the first messages that a chat holds, as if they came in this moment, and commits that they are held no more.
 * Resolves to whether there may be others. Rejects where that cannot be stored.
 */
export async function releaseHeld(
  context: LoginContext,
  content: Pick<IncomingContent, "take" | "unreadable">,
  chat: ChatId,
): Promise<boolean> {
  const { store, login, sink, aci } = context;
  const held = await store.family(signalFamily).held(login, chat, MOST);
  const last = held.at(-1);
  if (!last) return false;
  using work = await aci.begin();
  const batch = newBatch(work);
  try {
    for (const message of held) await take(message);
    await sink.accept(batch.events, (tx) => {
      for (const write of batch.writes) write(tx);
      tx.family(signalFamily).release(login, chat, last.seq);
    });
  } catch (error) {
    for (const undo of batch.undo.toReversed()) undo();
    throw error;
  }
  for (const act of batch.afterwards) act();
  return true;

  async function take(message: HeldMessage): Promise<void> {
    const { sender, device, timestamp, at, account, content: raw } = message;
    const head = { sender, device, timestamp, at, waited: true };
    try {
      await content.take(batch, head, decodeContent(unpad(raw)).body, account, raw);
    } catch (error) {
      if (BridgeError.from(error).outage) throw error;
      context.log.error("a held message could not be converted", {
        login,
        message: timestamp,
        ...faultOf(error),
      });
    }
  }
}
