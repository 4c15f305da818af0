import type { MatrixEvent, MatrixSignal } from "../core/events.ts";
import { decodeEvent, type Ignored } from "./decode.ts";
import { decodeEphemeral } from "./decode-ephemeral.ts";
import { fieldOf, jsonOf, listOf } from "./json.ts";

export interface Transaction {
  readonly events: readonly MatrixEvent[];
  readonly signals: readonly MatrixSignal[];
  readonly ignored: readonly Ignored[];
}

/** A pushed transaction (spec: `PUT /transactions/{txnId}`), or nothing where the body is not one. */
export function decodeTransaction(bytes: Buffer, isOurs: (user: string) => boolean): Transaction | undefined {
  const body = jsonOf(bytes.toString("utf8"));
  const list = fieldOf(body, "events");
  if (!Array.isArray(list)) return undefined;
  const events: MatrixEvent[] = [];
  const ignored: Ignored[] = [];
  for (const raw of list as readonly unknown[]) {
    const decoded = decodeEvent(raw, isOurs);
    if (decoded.kind === "event") events.push(decoded.event);
    else ignored.push(decoded);
  }
  // Synapse may send both keys with the same content; reading both would double every signal.
  const ephemeral = fieldOf(body, "ephemeral") ?? fieldOf(body, "de.sorunome.msc2409.ephemeral");
  const signals = listOf(ephemeral).flatMap((raw) => decodeEphemeral(raw, isOurs));
  return { events, signals, ignored };
}
