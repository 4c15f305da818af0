/** Somebody on another app, at the other end of a phone: takes what comes as an app does, and writes on command. */
import { randomBytes } from "node:crypto";
import { type Node, node } from "../../src/networks/meta-interop/wire/node.ts";
import type { Plaintext } from "../../src/networks/meta-interop/wire/plaintext-kinds.ts";
import type { ChatClient } from "./chat-client.ts";
import type { EncryptedUser } from "./encrypted-user.ts";
import type { SandboxWorld } from "./sandbox-world.ts";

/** What came: an opened message, or a receipt, typing or a notification as its stanza. */
export interface Received {
  readonly stanza: Node;
  readonly plaintext?: Plaintext;
}

interface Waiting {
  readonly matches: (received: Received) => boolean;
  readonly resolve: (received: Received) => void;
}

export class AnsweringUser {
  readonly #user: EncryptedUser;
  readonly #chat: ChatClient;
  readonly #waiting: Waiting[] = [];
  #opening: Promise<void> = Promise.resolve();

  static async start(
    world: SandboxWorld,
    sub: string,
    network?: "whatsapp" | "messenger",
  ): Promise<AnsweringUser> {
    const { user, chat } = await world.user(sub, network);
    return new AnsweringUser(user, chat);
  }

  private constructor(user: EncryptedUser, chat: ChatClient) {
    this.#user = user;
    this.#chat = chat;
    chat.onStanza = (stanza) => {
      this.#opening = this.#opening.then(() => this.#take(stanza));
    };
  }

  /** The next that matches; call it before the act. */
  gets(matches: (received: Received) => boolean): Promise<Received> {
    return new Promise((resolve) => this.#waiting.push({ matches, resolve }));
  }

  /** The next message of this kind, opened. */
  async hears<K extends Plaintext["kind"]>(kind: K): Promise<Extract<Plaintext, { kind: K }>> {
    const { plaintext } = await this.gets((received) => received.plaintext?.kind === kind);
    return plaintext as Extract<Plaintext, { kind: K }>;
  }

  /** Sends a message; answers its id once the gatekeeper has it. */
  async sends(jid: string, plaintext: Plaintext): Promise<string> {
    const id = randomBytes(8).toString("hex").toUpperCase();
    const ack = await this.#user.sends(this.#chat, await this.#user.seal(jid, id, plaintext));
    if (ack.attrs["error"] !== undefined) throw new Error(`refused: ${ack.attrs["error"]}`);
    return id;
  }

  says(jid: string, text: string): Promise<string> {
    return this.sends(jid, { kind: "text", text });
  }

  reads(message: Node): void {
    const { id, from, sts } = message.attrs;
    this.#chat.send(node("receipt", { id, to: from, sts, type: "read" }));
  }

  types(jid: string, on: boolean, voice = false): void {
    const state = on ? node("composing", voice ? { media: "audio" } : {}) : node("paused");
    this.#chat.send(node("chatstate", { to: jid }, [state]));
  }

  async #take(stanza: Node): Promise<void> {
    const message = stanza.tag === "message";
    const received = message ? { stanza, plaintext: await this.#user.opens(stanza) } : { stanza };
    if (message) this.#chat.send(this.#user.delivered(stanza));
    const at = this.#waiting.findIndex(({ matches }) => matches(received));
    if (at >= 0) this.#waiting.splice(at, 1)[0]?.resolve(received);
  }
}
