import { BridgeError } from "../../../core/model/errors.ts";
import type { Clock } from "../../../core/ports/clock.ts";
import { errorCode } from "../wire/attributes.ts";
import { child, type Node, node } from "../wire/node.ts";

interface PendingRequest {
  resolve(answer: Node): void;
  reject(error: Error): void;
  cancel(): void;
}

/** The error of a request that the gatekeeper refused. */
export class StanzaError extends Error {
  readonly code: number;

  constructor(code: number) {
    super(`request refused with ${code}`);
    this.name = "StanzaError";
    this.code = code;
  }
}

/** The error of a request that was answered with what cannot be read; asked again later, it may be. */
export class UnreadableAnswer extends BridgeError {
  constructor(cause: unknown) {
    const words = "The network's answer cannot be read.";
    super("remote-unreachable", { words, certain: true, retryAfter: 0, cause });
  }
}

const TIMEOUT = 15_000;

/** `<iq>` requests of one connection and their answers, by id. */
export class StanzaRequests {
  readonly #clock: Clock;
  readonly #send: (stanza: Node) => void;
  readonly #pending = new Map<string, PendingRequest>();
  #last = 0;
  #isClosed = false;

  constructor(clock: Clock, send: (stanza: Node) => void) {
    this.#clock = clock;
    this.#send = send;
  }

  /** `to`: a group; else the gatekeeper. Resolves with the result. Rejects with StanzaError where refused, with BridgeError where not answered. */
  ask(
    attrs: { readonly xmlns: string; readonly type: "get" | "set"; readonly to?: string },
    content: readonly Node[],
  ): Promise<Node> {
    this.#last += 1;
    const id = `q${this.#last}`;
    return new Promise<Node>((resolve, reject) => {
      if (this.#isClosed) return reject(broken());
      const cancel = this.#clock.after(TIMEOUT, () => {
        this.#pending.delete(id);
        reject(unreachable("The network did not answer in time."));
      });
      this.#pending.set(id, { resolve, reject, cancel });
      return this.#send(node("iq", { id, to: "s.whatsapp.net", ...attrs }, content));
    });
  }

  /** Settles the request that an `<iq>` of type result or error answers; ignores an unknown id. */
  handleAnswer(stanza: Node): void {
    const id = stanza.attrs["id"] ?? "";
    const pending = this.#pending.get(id);
    if (!pending) return;
    this.#pending.delete(id);
    pending.cancel();
    if (stanza.attrs["type"] === "result") return pending.resolve(stanza);
    pending.reject(new StanzaError(errorCode(child(stanza, "error")?.attrs["code"])));
  }

  /** Rejects the request of which the answer cannot be read. */
  handleUnreadable({ attrs }: Node, fault: unknown): void {
    const id = attrs["type"] === "result" ? (attrs["id"] ?? "") : "";
    const pending = this.#pending.get(id);
    if (!pending) return;
    this.#pending.delete(id);
    pending.cancel();
    pending.reject(new UnreadableAnswer(fault));
  }

  /** Rejects all requests, because the connection is closed. */
  close(): void {
    this.#isClosed = true;
    const pending = [...this.#pending.values()];
    this.#pending.clear();
    for (const one of pending) {
      one.cancel();
      one.reject(broken());
    }
  }
}

const broken = (): BridgeError => unreachable("The connection to the network broke.");

function unreachable(words: string): BridgeError {
  return new BridgeError("remote-unreachable", {
    words,
    certain: true,
    retryAfter: 0,
  });
}
