type Listener = () => void;

const listeners = new Set<Listener>();

/**
 * Whether an error that nobody caught is the crypto library's: where it panics, the call that it was in never comes to an
 * end, and everything else of it goes on.
 */
export const isPanic = (error: unknown): boolean =>
  error instanceof Error &&
  error.name === "RuntimeError" &&
  (error.stack?.includes("matrix_sdk_crypto_wasm") ?? false);

/** Calls `act` whenever the library panics, until what it gives is called. */
export function whenPanicked(act: Listener): () => void {
  if (listeners.size === 0) process.on("uncaughtException", heard);
  listeners.add(act);
  return () => {
    listeners.delete(act);
    if (listeners.size === 0) process.off("uncaughtException", heard);
  };
}

function heard(error: unknown): void {
  if (isPanic(error)) for (const listener of listeners) listener();
  // Where nobody else listens, the process ends by any other error, as it does without this listener.
  else if (process.listenerCount("uncaughtException") === 1) throw error;
}
