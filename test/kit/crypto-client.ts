import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { Waits } from "../../tools/matrix/waits.ts";

type Asked =
  | { readonly do: "send"; readonly room: string; readonly type: string; readonly content: object }
  | { readonly do: "join"; readonly room: string }
  | { readonly do: "make-room"; readonly invite: readonly string[] }
  | { readonly do: "encrypt"; readonly room: string }
  | { readonly do: "become"; readonly option: CryptoOption }
  | { readonly do: "redact"; readonly room: string; readonly event: string }
  | { readonly do: "seal-file"; readonly base64: string }
  | { readonly do: "open-file"; readonly file: unknown }
  | { readonly do: "verify"; readonly user: string; readonly room?: string }
  | { readonly do: "reset-identity" }
  | { readonly do: "is-verified"; readonly user: string }
  | { readonly do: "logout" };
export type CryptoCommand = Asked & { readonly id: number };

/** An event as a person's client shows it; `shield`: 0 none, 1 grey, 2 red, null where it was not encrypted. */
export interface CryptoEvent {
  readonly kind: "event";
  readonly room: string;
  readonly id: string;
  readonly sender: string;
  readonly type: string;
  readonly content: Readonly<Record<string, unknown>>;
  /** What it refers to stands outside the ciphertext. */
  readonly relation: Readonly<Record<string, unknown>> | null;
  /** The Megolm session, where it was encrypted. */
  readonly session: string | null;
  readonly encrypted: boolean;
  readonly failure: string | null;
  readonly shield: number | null;
  readonly shieldReason: number | null;
}

export type CryptoLine =
  | { readonly kind: "ready"; readonly user: string; readonly device: string }
  | { readonly kind: "done"; readonly to: number; readonly result: unknown }
  | { readonly kind: "failed"; readonly to: number; readonly why: string }
  | CryptoEvent;

/**
 * `strict`: reads and writes only devices signed by their owner. `verified-only`: gives keys to verified devices alone.
 * `unsigned`: has no cross-signing itself, which is so from the start.
 */
export type CryptoOption = "strict" | "unsigned" | "verified-only";

const script = fileURLToPath(new URL("crypto-person.ts", import.meta.url));

/** A person's matrix-js-sdk with encryption. */
export class CryptoClient implements AsyncDisposable {
  readonly user: string;
  readonly device: string;
  readonly #child: ChildProcess;
  readonly #lines: Waits<CryptoLine>;
  readonly #events: CryptoEvent[];
  #asked = 0;
  #isEnded = false;

  private constructor(
    { user, device }: Extract<CryptoLine, { readonly kind: "ready" }>,
    child: ChildProcess,
    lines: Waits<CryptoLine>,
    events: CryptoEvent[],
  ) {
    this.user = user;
    this.device = device;
    this.#child = child;
    this.#lines = lines;
    this.#events = events;
  }

  /** Logs in and does the first sync. */
  static async start(
    homeserver: string,
    user: string,
    options: readonly CryptoOption[] = [],
    password = "password",
  ): Promise<CryptoClient> {
    const child = spawn(process.execPath, [script, homeserver, user, password, ...options], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    const lines = new Waits<CryptoLine>();
    const events: CryptoEvent[] = [];
    let client: CryptoClient | undefined;
    createInterface({ input: child.stdout }).on("line", (text) => {
      // Its last line may be cut off by its end.
      if (client !== undefined && client.#isEnded) return;
      const line = JSON.parse(text) as CryptoLine;
      if (line.kind === "event") events.push(line);
      lines.offer(line);
    });
    const ready = await lines.next("the client's first sync", ({ kind }) => kind === "ready", 60);
    if (ready.kind !== "ready") throw new Error("the client is not ready");
    client = new CryptoClient(ready, child, lines, events);
    return client;
  }

  /** The latest that the client shows of each event. */
  get events(): readonly CryptoEvent[] {
    return Array.from(new Map(this.#events.map((event) => [event.id, event])).values());
  }

  /** An event that matches, now or later. */
  async shows(
    what: string,
    matches: (event: CryptoEvent) => boolean,
    seconds?: number,
  ): Promise<CryptoEvent> {
    const already = this.events.find(matches);
    if (already) return already;
    const line = await this.#lines.next(what, (one) => one.kind === "event" && matches(one), seconds);
    if (line.kind !== "event") throw new Error("no event");
    return line;
  }

  /** Resolves to the event's id. */
  async send(room: string, content: object, type = "m.room.message"): Promise<string> {
    return String(await this.#ask({ do: "send", room, type, content }));
  }

  /** Turns a setting on, for this client alone. */
  async becomes(option: Exclude<CryptoOption, "unsigned">): Promise<void> {
    await this.#ask({ do: "become", option });
  }

  async redact(room: string, event: string): Promise<void> {
    await this.#ask({ do: "redact", room, event });
  }

  async join(room: string): Promise<void> {
    await this.#ask({ do: "join", room });
  }

  /** Switches encryption on in a room; what the client sends there from now on is encrypted. */
  async encrypt(room: string): Promise<void> {
    await this.#ask({ do: "encrypt", room });
    await this.shows("the encryption", (event) => event.room === room && event.type === "m.room.encryption");
  }

  /** Encrypts a file and uploads it, as clients do; resolves to the content's `file`. */
  async sealFile(bytes: Uint8Array): Promise<object> {
    return (await this.#ask({ do: "seal-file", base64: Buffer.from(bytes).toString("base64") })) as object;
  }

  /** Downloads and decrypts what a content's `file` names; fails where its hash is wrong. */
  async openFile(file: unknown): Promise<Buffer> {
    return Buffer.from(String(await this.#ask({ do: "open-file", file })), "base64");
  }

  /** Verifies a user by emoji, in a room or, without one, from device to device; resolves to what the client shows of it. */
  async verify(user: string, room?: string): Promise<readonly string[]> {
    return (await this.#ask({
      do: "verify",
      user,
      ...(room !== undefined && { room }),
    })) as readonly string[];
  }

  /** Gives its person another identity, as who has lost theirs does. */
  async resetIdentity(): Promise<void> {
    await this.#ask({ do: "reset-identity" });
  }

  async isVerified(user: string): Promise<boolean> {
    return (await this.#ask({ do: "is-verified", user })) === true;
  }

  /** An encrypted direct chat, as clients make it. */
  async makeRoom(...invite: readonly string[]): Promise<string> {
    return String(await this.#ask({ do: "make-room", invite }));
  }

  async logout(): Promise<void> {
    await this.#ask({ do: "logout" });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = once(this.#child, "exit");
    this.#isEnded = true;
    this.#child.stdin?.end();
    await ended;
  }

  async #ask(asked: Asked): Promise<unknown> {
    this.#asked += 1;
    const id = this.#asked;
    const answer = this.#lines.next(
      `an answer to ${asked.do}`,
      (line) => (line.kind === "done" || line.kind === "failed") && line.to === id,
      // Beside many others on a busy machine.
      120,
    );
    this.#child.stdin?.write(`${JSON.stringify({ ...asked, id })}\n`);
    const line = await answer;
    if (line.kind === "done") return line.result;
    throw new Error(line.kind === "failed" ? line.why : "no answer");
  }
}
