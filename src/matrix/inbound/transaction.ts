import type { MatrixEvent, MatrixSignal } from "../../core/model/events.ts";
import { decodeEvent, type Ignored } from "../events/decode.ts";
import { decodeEphemeral } from "../events/decode-ephemeral.ts";
import { eventLoop } from "../http/event-loop.ts";
import { fieldOf, listOf } from "../http/json.ts";
import { slicedJson } from "../http/sliced-json.ts";

export interface Transaction {
  readonly events: readonly MatrixEvent[];
  readonly signals: readonly MatrixSignal[];
  readonly ignored: readonly Ignored[];
}

/** Decodes a pushed transaction (spec: `PUT /transactions/{txnId}`); undefined where the body is none. */
export async function decodeTransaction(
  bytes: Buffer,
  isOurs: (user: string) => boolean,
): Promise<Transaction | undefined> {
  const body = await slicedJson(bytes.toString("utf8"));
  const list = fieldOf(body, "events");
  if (!Array.isArray(list)) return undefined;
  const events: MatrixEvent[] = [];
  const ignored: Ignored[] = [];
  for (const raw of list as readonly unknown[]) {
    await eventLoop.yield();
    const decoded = decodeEvent(raw, isOurs);
    if (decoded.kind === "event") events.push(decoded.event);
    else ignored.push(decoded);
  }
  // Synapse may send both keys with the same content; reading both would double every signal.
  const ephemeral = fieldOf(body, "ephemeral") ?? fieldOf(body, "de.sorunome.msc2409.ephemeral");
  const signals: MatrixSignal[] = [];
  for (const raw of listOf(ephemeral)) {
    await eventLoop.yield();
    for (const signal of decodeEphemeral(raw, isOurs)) signals.push(signal);
  }
  return { events, signals, ignored };
}
