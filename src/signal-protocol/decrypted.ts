import { isDuplicate, reasonOf } from "./libsignal-errors.ts";
import type { SignalTransaction } from "./signal-transaction.ts";

export type Decrypted =
  | { readonly kind: "plaintext"; readonly bytes: Uint8Array }
  /** The message was decrypted and committed before. */
  | { readonly kind: "duplicate" }
  | { readonly kind: "undecryptable"; readonly reason: string };

type Step = Awaited<ReturnType<typeof SignalTransaction.prototype.step<Uint8Array>>>;

export function outcomeOf(step: Step): Decrypted {
  if (step.kind === "done") return { kind: "plaintext", bytes: step.value };
  if (isDuplicate(step.error)) return { kind: "duplicate" };
  return { kind: "undecryptable", reason: reasonOf(step.error) };
}
