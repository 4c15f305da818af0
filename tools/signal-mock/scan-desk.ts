interface Shown {
  readonly go: () => void;
  readonly given: AbortSignal | undefined;
}

/** Milliseconds that a phone looks for the device whose code it scanned: it may be scanned before the server knows of it. */
const PATIENCE = 2_000;

/**
 * Brings a scan together with the device whose QR code it was. The mock gives whoever scans the device that has waited
 * longest; a device that renewed its code waits with several.
 */
export class ScanDesk {
  readonly #shown = new Map<string, PromiseWithResolvers<Shown>>();
  readonly #open = new Set<string>();
  #last: Promise<unknown> = Promise.resolve();

  /** Resolves when the code with this address is scanned; rejects where it is given up before. */
  async scanned(address: string, given?: AbortSignal): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    given?.addEventListener("abort", () => reject(new Error("The QR code was given up")), { once: true });
    this.#open.add(address);
    this.#code(address).resolve({ go: resolve, given });
    await promise.finally(() => this.#open.delete(address));
  }

  /** Whether a device shows this code. */
  isShown(qr: string): boolean {
    return this.#open.has(addressIn(qr));
  }

  /** Lets the code's device go on, and takes it by `take` before any other scan. Throws for a code that is not shown. */
  scan<T>(qr: string, take: () => Promise<T>): Promise<T> {
    const before = this.#last;
    const taken = (async () => {
      await before.catch(() => undefined);
      const address = addressIn(qr);
      const { promise: late, reject } = Promise.withResolvers<never>();
      const timer = setTimeout(() => reject(new Error("This QR code is not shown by anybody")), PATIENCE);
      const { go, given } = await Promise.race([this.#code(address).promise, late]);
      clearTimeout(timer);
      if (given?.aborted === true) throw new Error("This QR code has expired");
      go();
      return take();
    })();
    this.#last = taken;
    return taken;
  }

  #code(address: string): PromiseWithResolvers<Shown> {
    const code = this.#shown.get(address) ?? Promise.withResolvers<Shown>();
    this.#shown.set(address, code);
    return code;
  }
}

const addressIn = (qr: string): string => new URL(qr).searchParams.get("uuid") ?? "";
