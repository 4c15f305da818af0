import { shortened } from "../../../core/model/cut-text.ts";
import type { PersonId } from "../../../core/model/ids.ts";
import type { Reported } from "../../../core/ports/network.ts";
import type { Connection } from "../connection/connection.ts";
import { messageRefused } from "../connection/refusals.ts";
import { StanzaError } from "../connection/stanza-requests.ts";
import { type Node, node } from "../wire/node.ts";

/** The longest excerpt of a reported message in UTF-16 units, and the most messages of a report. */
const LONGEST_EXCERPT = 4_096;
const MAX_MESSAGES = 50;

/** Throws BridgeError. */
export async function setBlocked(
  connection: Connection,
  network: string,
  person: PersonId,
  blocked: boolean,
): Promise<void> {
  const item = node("item", { action: blocked ? "block" : "unblock", jid: person });
  await ask(connection, network, "w:interop", node("blocklist", {}, [item]));
}

/** Reports the messages that the person agreed to show, and nothing else. Throws BridgeError. */
export async function report(
  connection: Connection,
  network: string,
  person: PersonId,
  messages: readonly Reported[],
): Promise<void> {
  const shown = messages
    .slice(-MAX_MESSAGES)
    .map(({ id, at, text }) =>
      node(
        "message",
        { id, from: person, t: String(Math.floor(at / 1_000)) },
        shortened(text, LONGEST_EXCERPT),
      ),
    );
  const list = node("spam_list", { jid: person, spam_flow: "account_info_block" }, shown);
  await ask(connection, network, "spam", list);
}

async function ask(connection: Connection, network: string, xmlns: string, content: Node): Promise<void> {
  try {
    await connection.requests.ask({ xmlns, type: "set" }, [content]);
  } catch (error) {
    if (error instanceof StanzaError) throw messageRefused(error.code, network, undefined);
    throw error;
  }
}
