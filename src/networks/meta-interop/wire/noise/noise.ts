import { WireError } from "../errors.ts";
import { type CipherState, TAG_LENGTH } from "./cipher-state.ts";
import { SymmetricState } from "./symmetric-state.ts";
import { agree, generateKeyPair, KEY_LENGTH, type KeyPair } from "./x25519.ts";

type Role = "initiator" | "responder";
type Token = "e" | "s" | "ee" | "es" | "se";

/** The messages of XX, the initiator's first (Noise 7.5). */
const pattern: readonly (readonly Token[])[] = [["e"], ["e", "ee", "s", "es"], ["s", "se"]];

export interface NoiseOptions {
  readonly role: Role;
  readonly prologue: Uint8Array;
  readonly static: KeyPair;
  /** For published vectors alone: a second handshake with one ephemeral key gives its secrets away. */
  readonly ephemeral?: KeyPair;
}

/** What a finished handshake leaves: a cipher for each direction, and the hash that binds both ends to it. */
export interface SplitCiphers {
  readonly send: CipherState;
  readonly receive: CipherState;
  readonly handshakeHash: Uint8Array<ArrayBuffer>;
}

/**
 * Noise_XX_25519_AESGCM_SHA256, revision 34. Both sides call writeMessage and readMessage in turn, three messages in all,
 * then split. Whatever is wrong throws `noise`, and the handshake is of no use from then on.
 */
export class NoiseXX {
  readonly #role: Role;
  readonly #static: KeyPair;
  readonly #state = new SymmetricState("Noise_XX_25519_AESGCM_SHA256");
  #ephemeral: KeyPair | undefined;
  #remoteEphemeral: Uint8Array | undefined;
  #remoteStatic: Uint8Array<ArrayBuffer> | undefined;
  #next = 0;
  #broken = false;

  constructor(options: NoiseOptions) {
    this.#role = options.role;
    this.#static = options.static;
    this.#ephemeral = options.ephemeral;
    this.#state.mixHash(options.prologue);
  }

  /** The other side's static key, 32 bytes, once a message has proven it. */
  get remoteStatic(): Uint8Array<ArrayBuffer> | undefined {
    return this.#broken ? undefined : this.#remoteStatic;
  }

  writeMessage(payload: Uint8Array): Uint8Array<ArrayBuffer> {
    return this.#step("write", (tokens) => {
      const parts = tokens.flatMap((token) => this.#write(token));
      return new Uint8Array(Buffer.concat([...parts, this.#state.encryptAndHash(payload)]));
    });
  }

  /** The payload. */
  readMessage(message: Uint8Array): Uint8Array<ArrayBuffer> {
    return this.#step("read", (tokens) => {
      let rest = message;
      for (const token of tokens) rest = rest.subarray(this.#read(token, rest));
      return new Uint8Array(this.#state.decryptAndHash(rest));
    });
  }

  /** Throws `noise` before the third message. */
  split(): SplitCiphers {
    if (this.#broken || this.#next < pattern.length)
      throw new WireError("noise", "the handshake is not finished");
    const [initiator, responder] = this.#state.split();
    const { handshakeHash } = this.#state;
    return this.#role === "initiator"
      ? { send: initiator, receive: responder, handshakeHash }
      : { send: responder, receive: initiator, handshakeHash };
  }

  #step<T>(act: "write" | "read", run: (tokens: readonly Token[]) => T): T {
    const tokens = pattern[this.#next];
    const writer: Role = this.#next % 2 === 0 ? "initiator" : "responder";
    if (this.#broken || tokens === undefined || (act === "write") !== (this.#role === writer)) {
      throw new WireError("noise", `it is not this side's turn to ${act}`);
    }
    this.#broken = true;
    const result = run(tokens);
    this.#next += 1;
    this.#broken = false;
    return result;
  }

  #write(token: Token): readonly Uint8Array[] {
    if (token === "e") {
      this.#ephemeral ??= generateKeyPair();
      this.#state.mixHash(this.#ephemeral.publicKey);
      return [this.#ephemeral.publicKey];
    }
    if (token === "s") return [this.#state.encryptAndHash(this.#static.publicKey)];
    this.#mixSecret(token);
    return [];
  }

  /** How many bytes of the message the token took. */
  #read(token: Token, rest: Uint8Array): number {
    const size = token === "e" ? KEY_LENGTH : token === "s" ? KEY_LENGTH + TAG_LENGTH : 0;
    if (rest.length < size) throw new WireError("noise", "a handshake message ends too early");
    if (token === "e") {
      this.#remoteEphemeral = rest.slice(0, size);
      this.#state.mixHash(this.#remoteEphemeral);
    } else if (token === "s")
      this.#remoteStatic = new Uint8Array(this.#state.decryptAndHash(rest.subarray(0, size)));
    else this.#mixSecret(token);
    return size;
  }

  /** The token names the initiator's key first. */
  #mixSecret(token: "ee" | "es" | "se"): void {
    const mine = this.#role === "initiator" ? token[0] : token[1];
    const theirs = this.#role === "initiator" ? token[1] : token[0];
    const own = mine === "e" ? this.#ephemeral : this.#static;
    const other = theirs === "e" ? this.#remoteEphemeral : this.#remoteStatic;
    if (own === undefined || other === undefined) throw new WireError("noise", "a key is not known yet");
    this.#state.mixKey(agree(own.privateKey, other));
  }
}
