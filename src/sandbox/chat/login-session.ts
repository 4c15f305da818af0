import { type Node, node } from "../../networks/meta-interop/wire/node.ts";
import { decodeStanza } from "../../networks/meta-interop/wire/stanza-decode.ts";
import { encodeStanza } from "../../networks/meta-interop/wire/stanza-encode.ts";
import { FaultGate } from "../faults/fault-gate.ts";
import { type Direction, type Occasion, occasion } from "../faults/fault-target.ts";
import type { Faults } from "../faults/faults.ts";
import type { Violations } from "../faults/violations.ts";
import { type Account, accountJid } from "../state/accounts.ts";
import type { Mailbox, StoredLetter } from "../state/mailbox.ts";
import type { NetworkStates } from "../state/network-states.ts";
import { stanzaId } from "../state/outgoing-stanzas.ts";
import type { ChatSocket } from "./chat-socket.ts";
import { featureStanza } from "./feature-stanza.ts";
import { Flights, flightKey } from "./unacked-stanzas.ts";

const tickMs = 1000;
const ackTicks = 20;
const pingTicks = 30;
const silenceTicks = 75;
/** Letters on the way at once, and bytes not taken, before we wait for the client. */
const window = 4096;
const mostBacklog = 4 << 20;
const page = 256;
/** Stanzas handled at once before the client must wait. */
const mostHandled = 4000;

export interface SessionParts {
  readonly socket: ChatSocket;
  readonly account: Account;
  readonly mailbox: Mailbox;
  readonly states: NetworkStates;
  readonly faults: Faults;
  readonly violations: Violations;
  /** All names a person may be ordered by, from a JID. */
  readonly namesOf: (jid: string | undefined) => readonly (string | undefined)[];
}

/** A login that is connected: what waits goes out in order, acknowledgements come in, due times are watched. */
export class LoginSession {
  readonly account: Account;
  readonly #parts: SessionParts;
  readonly #incoming: FaultGate;
  readonly #outgoing: FaultGate;
  readonly #flights = new Flights();
  readonly #clock: NodeJS.Timeout;
  /** Identifies this connection to the prekey check. */
  readonly id = stanzaId();
  #cursor = 0;
  #offline: { readonly until: number; count: number } | undefined;
  #armed = false;
  /** The window was full: an acknowledgement makes room for letters that wait. */
  #full = false;
  #closed = false;
  #ticks = 0;
  #heardAt = 0;
  #handling = 0;

  constructor(parts: SessionParts) {
    this.#parts = parts;
    this.account = parts.account;
    const cut = (): void => parts.socket.terminate();
    this.#incoming = new FaultGate(parts.faults, cut);
    this.#outgoing = new FaultGate(parts.faults, cut);
    // Ticks and not clock time: a stopped machine or a clock that jumps makes nobody late.
    this.#clock = setInterval(() => this.#tick(), tickMs);
    this.#clock.unref();
  }

  get jid(): string {
    return accountJid(this.account);
  }

  /** Greets the client and begins with what waited. */
  start(): void {
    if (this.#closed) return;
    const { mailbox, states, socket } = this.#parts;
    const { id, network } = this.account;
    const { seq } = mailbox.last(id);
    this.#offline = { until: seq, count: 0 };
    const t = String(Math.floor(Date.now() / 1000));
    const attrs = { jid: this.jid, account_id: String(id), t };
    this.send(node("success", attrs, [featureStanza(states.of(network))]));
    socket.begin();
    this.wake();
  }

  /** New letters may wait; or the client has taken some. */
  wake(): void {
    if (this.#armed || this.#closed) return;
    this.#armed = true;
    setImmediate(() => this.#pump());
  }

  /** Sends what is not stored: answers, typing. */
  send(stanza: Node): void {
    const bytes = encodeStanza(stanza);
    const out = (): void => this.#parts.socket.send(bytes);
    if (this.#outgoing.clear) return out();
    this.#outgoing.pass(this.#occasion("to_bridge", stanza.tag, stanza.attrs["from"]), out);
  }

  /** Takes a stanza's bytes in; `handle` gets the decoded one unless a fault keeps it. */
  receive(bytes: Uint8Array, handle: (stanza: Node) => void): void {
    this.#heardAt = this.#ticks;
    let stanza: Node;
    try {
      stanza = decodeStanza(bytes);
    } catch {
      return this.breach("malformed-stanza", "a stanza cannot be decoded");
    }
    if (this.#incoming.clear) return handle(stanza);
    const { attrs, tag } = stanza;
    // It came in time, whatever a fault now does with it.
    if (tag === "ack") this.#flights.excuse(this.#keyOfAck(stanza));
    this.#incoming.pass(this.#occasion("from_bridge", tag, attrs["to"]), () => handle(stanza));
  }

  /** The letter an `<ack>` is for, no longer counted as under way. */
  acknowledged(stanza: Node): { readonly seq: number; readonly load: number | null } | "again" | undefined {
    const key = this.#keyOfAck(stanza);
    const result = this.#flights.acknowledge(key);
    if (this.#full) this.wake();
    if (result !== undefined) return result;
    const { id = "" } = stanza.attrs;
    const stored = this.#parts.mailbox.byId(this.account.id, id).find((letter) => flightKey(letter) === key);
    if (stored !== undefined) this.#flights.remember(key);
    return stored === undefined ? undefined : { seq: stored.seq, load: stored.load ?? null };
  }

  /** Counts what is being handled, and stops reading while that is too much. */
  busyWith(handling: Promise<void>): void {
    this.#handling += 1;
    if (this.#handling === mostHandled) this.#parts.socket.pause();
    void handling.finally(() => {
      this.#handling -= 1;
      if (this.#handling === mostHandled / 2) this.#parts.socket.resume();
    });
  }

  breach(kind: Parameters<Violations["add"]>[0]["kind"], words: string, id?: string): void {
    this.#parts.violations.add({ kind, network: this.account.network, user: this.jid, id, words });
  }

  /** Says why, then closes. */
  end(why: Node): void {
    if (this.#closed) return;
    this.#parts.socket.send(encodeStanza(why));
    this.#parts.socket.close();
    this.stop();
  }

  /** The socket has gone. */
  stop(): void {
    this.#closed = true;
    clearInterval(this.#clock);
    this.#incoming.close();
    this.#outgoing.close();
  }

  #keyOfAck({ attrs }: Node): string {
    const { id = "", to = "", type = "" } = attrs;
    const letterClass = attrs["class"] ?? "";
    return flightKey({ class: letterClass, id, peer: to, type: letterClass === "message" ? "" : type });
  }

  #occasion(direction: Direction, stanza: string, jid: string | undefined): Occasion {
    return occasion(this.account, direction, stanza, this.#parts.namesOf(jid));
  }

  #pump(): void {
    this.#armed = false;
    this.#full = false;
    const { mailbox, socket } = this.#parts;
    while (!this.#closed && this.#flights.size < window && socket.backlog < mostBacklog) {
      const letters = mailbox.after(this.account.id, this.#cursor, page);
      for (const letter of letters) {
        if (this.#offline !== undefined && letter.seq > this.#offline.until) this.#endOffline();
        this.#cursor = letter.seq;
        this.#post(letter);
      }
      if (letters.length < page) {
        if (this.#offline !== undefined) this.#endOffline();
        return;
      }
    }
    this.#full = true;
    // What stopped us may end without an acknowledgement: look again soon.
    if (!this.#closed) setTimeout(() => this.wake(), 10).unref();
  }

  #endOffline(): void {
    const count = this.#offline?.count ?? 0;
    this.#offline = undefined;
    this.send(node("ib", {}, [node("offline", { count: String(count) })]));
  }

  #post(letter: StoredLetter): void {
    let bytes = letter.stanza;
    if (this.#offline !== undefined) {
      this.#offline.count += 1;
      const { tag, attrs, content } = decodeStanza(bytes);
      bytes = encodeStanza(node(tag, { ...attrs, offline: String(this.#offline.count) }, content));
    }
    const out = (): void => {
      this.#flights.sent(flightKey(letter), letter, this.#ticks);
      this.#parts.socket.send(bytes);
    };
    if (this.#outgoing.clear) return out();
    this.#outgoing.pass(this.#occasion("to_bridge", letter.class, letter.peer), out);
  }

  #tick(): void {
    this.#ticks += 1;
    for (const key of this.#flights.lateSince(this.#ticks - ackTicks)) {
      const [letterClass = "", id] = key.split(" ");
      const what = letterClass === "n" ? "notification" : letterClass;
      this.breach(
        "unacknowledged",
        `a ${what} was delivered and not acknowledged within ${ackTicks} seconds`,
        id,
      );
    }
    const silent = this.#ticks - this.#heardAt;
    if (silent >= silenceTicks) this.#parts.socket.terminate();
    else if (silent === pingTicks) {
      this.send(node("iq", { id: stanzaId(), type: "get", xmlns: "urn:xmpp:ping", from: "s.whatsapp.net" }));
    }
  }
}
