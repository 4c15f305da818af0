import type { ChatEncryption } from "../chats/encryption/chat-encryption.ts";
import { CANNOT_BE_UNDONE, WHAT_IT_GIVES } from "../chats/encryption/encryption-words.ts";
import type { MatrixEvent } from "../model/events.ts";
import type { Writes } from "../ports/store.ts";
import type { MatrixEventContext } from "./event-context.ts";

/** It may be typed in the chat itself, which is what it is about; nobody's contact is told that. */
const ASKED = /^!encrypt(?:\s+(yes|no))?$/iu;

/**
 * What comes of the encryption of a chat, and of a message by which a person asks for that of the chat they write it in;
 * undefined for anything else. Throws BridgeError.
 */
export async function aboutEncryption(
  encryption: Pick<ChatEncryption, "isOn" | "refusal" | "switchOn" | "notice">,
  event: MatrixEvent,
  context: Pick<MatrixEventContext, "portal" | "login"> | undefined,
): Promise<((tx: Writes) => void) | undefined> {
  if (!encryption.isOn) return undefined;
  const says = (words?: string) => {
    const row = encryption.notice(event.room, words);
    return (tx: Writes): void => tx.matrixOutbox.add(row);
  };
  if (event.kind === "encryption-enabled") return says();
  if (event.kind !== "message" || event.sender !== context?.login.user) return undefined;
  const [part, ...others] = event.message.parts;
  const asked = part?.kind === "text" && others.length === 0 ? ASKED.exec(part.body.text.trim()) : undefined;
  if (!asked) return undefined;
  const refusal = await encryption.refusal(context.portal);
  if (refusal !== undefined) return says(refusal);
  const decision = asked[1]?.toLowerCase();
  if (decision === "no") return says("Nothing was changed.");
  if (decision === undefined)
    return says(`Write “!encrypt yes” here to encrypt this chat. ${CANNOT_BE_UNDONE} ${WHAT_IT_GIVES}`);
  await encryption.switchOn(event.room);
  return () => {};
}
