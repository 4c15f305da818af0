import type { PublicBundle } from "../../src/signal-protocol/public-keys.ts";
import type { Ciphertext } from "../../src/signal-protocol/signal-account.ts";
import { SignalDevice } from "./signal-device.ts";

/** The one device that somebody has towards others, and those towards them. */
const only = (name: string) => ({ name, device: 1 });

/** A contact with one phone at a time: libsignal over its stores in memory, sharing no code with the bridge. */
export class SignalPeer {
  readonly jid: string;
  #phone: SignalDevice;

  constructor(jid: string) {
    this.jid = jid;
    this.#phone = new SignalDevice(only(jid));
  }

  get identity(): Uint8Array {
    return this.#phone.identity;
  }

  /** Sets up a new phone: a new identity without sessions. */
  reinstall(): void {
    this.#phone = new SignalDevice(only(this.jid));
  }

  forgetSessions(): void {
    this.#phone.forgetSessions();
  }

  bundle(wanted: { readonly oneTime?: boolean } = {}): PublicBundle {
    return this.#phone.bundle(wanted);
  }

  async start(to: string, bundle: PublicBundle): Promise<void> {
    await this.#phone.start(only(to), bundle);
  }

  async encrypt(to: string, plaintext: Uint8Array): Promise<Ciphertext> {
    return this.#phone.seal(only(to), plaintext);
  }

  async decrypt(from: string, type: string | undefined, bytes: Uint8Array): Promise<Uint8Array> {
    return this.#phone.open(only(from), { type: type === "pkmsg" ? "pkmsg" : "msg", bytes });
  }
}
