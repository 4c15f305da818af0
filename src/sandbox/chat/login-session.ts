import { type Node, node } from "../../networks/meta-interop/wire/node.ts";
import { decodeStanza } from "../../networks/meta-interop/wire/stanza-decode.ts";
import { encodeStanza } from "../../networks/meta-interop/wire/stanza-encode.ts";
import { FaultGate } from "../faults/fault-gate.ts";
import { type Direction, type FaultTarget, faultTarget } from "../faults/fault-target.ts";
import type { Faults } from "../faults/faults.ts";
import type { Violations } from "../faults/violations.ts";
import { type Account, accountJid } from "../state/accounts.ts";
import type { Mailbox, StoredStanza } from "../state/mailbox.ts";
import type { NetworkStates } from "../state/network-states.ts";
import { stanzaId } from "../state/outgoing-stanzas.ts";
import type { WireLog } from "../state/wire-log.ts";
import type { ChatSocket } from "./chat-socket.ts";
import { featureStanza } from "./feature-stanza.ts";
import { ackKey, UnackedStanzas } from "./unacked-stanzas.ts";

const tickMs = 1000;
const ackTicks = 20;
const pingTicks = 30;
const silenceTicks = 75;
/** Unacknowledged stanzas, and unread bytes, at which the server waits for the client. */
const mostUnacked = 4096;
const mostBacklog = 4 << 20;
const pageSize = 256;
/** Stanzas handled at once, at which the server reads no more from the client. */
const mostHandled = 4000;

export interface LoginSessionParts {
  readonly socket: ChatSocket;
  readonly account: Account;
  readonly mailbox: Mailbox;
  readonly states: NetworkStates;
  readonly faults: Faults;
  readonly violations: Violations;
  readonly wire: WireLog;
  /** All names by which a fault rule may mean the person of this JID. */
  readonly namesOf: (jid: string | undefined) => readonly (string | undefined)[];
}

/** A connected login: sends what waits for it in order, takes acknowledgements, and reports those that are overdue. */
export class LoginSession {
  readonly account: Account;
  readonly #parts: LoginSessionParts;
  readonly #incoming: FaultGate;
  readonly #outgoing: FaultGate;
  readonly #unacked = new UnackedStanzas();
  readonly #ticker: NodeJS.Timeout;
  /** Identifies this connection to the prekey check. */
  readonly id = stanzaId();
  #lastSent = 0;
  #offline: { readonly until: number; count: number } | undefined;
  #pumpScheduled = false;
  /** The limit of unacknowledged stanzas was reached: the next acknowledgement makes room. */
  #full = false;
  #closed = false;
  #ticks = 0;
  #heardAt = 0;
  #handling = 0;

  constructor(parts: LoginSessionParts) {
    this.#parts = parts;
    this.account = parts.account;
    const cut = (): void => parts.socket.terminate();
    this.#incoming = new FaultGate(parts.faults, cut);
    this.#outgoing = new FaultGate(parts.faults, cut);
    // Time is counted in ticks: a suspended machine or a clock that jumps makes no acknowledgement overdue.
    this.#ticker = setInterval(() => this.#tick(), tickMs);
    this.#ticker.unref();
  }

  get jid(): string {
    return accountJid(this.account);
  }

  /** Greets the client and begins to send what waited. */
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

  /** To be called when stanzas may wait, or when the client has read some. */
  wake(): void {
    if (this.#pumpScheduled || this.#closed) return;
    this.#pumpScheduled = true;
    setImmediate(() => this.#pump());
  }

  /** Sends a stanza that is not stored: an answer, typing. */
  send(stanza: Node): void {
    const bytes = encodeStanza(stanza);
    const out = (): void => this.#write(bytes);
    if (this.#outgoing.clear) return out();
    const { from, participant } = stanza.attrs;
    this.#outgoing.pass(this.#faultTarget("to_bridge", stanza.tag, from, participant), out);
  }

  /** Decodes a stanza of the client; `handle` gets it unless a fault drops it. */
  receive(bytes: Uint8Array, handle: (stanza: Node) => void): void {
    this.#heardAt = this.#ticks;
    this.#log("from_bridge", bytes);
    let stanza: Node;
    try {
      stanza = decodeStanza(bytes);
    } catch {
      return this.reportViolation("malformed-stanza", "a stanza cannot be decoded");
    }
    if (this.#incoming.clear) return handle(stanza);
    const { attrs, tag } = stanza;
    // The client acknowledged in time, whatever a fault does with its `<ack>`.
    if (tag === "ack") this.#unacked.excuse(this.#keyOfAck(stanza));
    const target = this.#faultTarget("from_bridge", tag, attrs["to"], attrs["participant"]);
    this.#incoming.pass(target, () => handle(stanza));
  }

  /** The stanza that an `<ack>` is for, which counts as acknowledged from now on. */
  acknowledged(stanza: Node): { readonly seq: number; readonly load: number | null } | "again" | undefined {
    const key = this.#keyOfAck(stanza);
    const result = this.#unacked.acknowledge(key);
    if (this.#full) this.wake();
    if (result !== undefined) return result;
    const { id = "" } = stanza.attrs;
    const stored = this.#parts.mailbox.byId(this.account.id, id).find((outgoing) => ackKey(outgoing) === key);
    if (stored !== undefined) this.#unacked.remember(key);
    return stored === undefined ? undefined : { seq: stored.seq, load: stored.load ?? null };
  }

  /** Counts stanzas that are being handled, and reads no more from the client while there are too many. */
  busyWith(handling: Promise<void>): void {
    this.#handling += 1;
    if (this.#handling === mostHandled) this.#parts.socket.pause();
    void handling.finally(() => {
      this.#handling -= 1;
      if (this.#handling === mostHandled / 2) this.#parts.socket.resume();
    });
  }

  reportViolation(kind: Parameters<Violations["add"]>[0]["kind"], words: string, id?: string): void {
    this.#parts.violations.add({ kind, network: this.account.network, user: this.jid, id, words });
  }

  /** Sends the reason, then closes. */
  end(why: Node): void {
    if (this.#closed) return;
    this.#write(encodeStanza(why));
    this.#parts.socket.close();
    this.stop();
  }

  /** To be called when the socket has closed. */
  stop(): void {
    this.#closed = true;
    clearInterval(this.#ticker);
    this.#incoming.close();
    this.#outgoing.close();
  }

  #write(bytes: Uint8Array): void {
    this.#log("to_bridge", bytes);
    this.#parts.socket.send(bytes);
  }

  #log(direction: Direction, bytes: Uint8Array): void {
    const { network, sub } = this.account;
    this.#parts.wire.add({ network, user: sub, direction, bytes });
  }

  #keyOfAck({ attrs }: Node): string {
    const { id = "", to = "", type = "" } = attrs;
    const stanzaClass = attrs["class"] ?? "";
    return ackKey({ class: stanzaClass, id, peer: to, type: stanzaClass === "message" ? "" : type });
  }

  /** @param participant the member, where the chat is a group. */
  #faultTarget(direction: Direction, stanza: string, chat?: string, participant?: string): FaultTarget {
    const names = [...this.#parts.namesOf(chat), ...this.#parts.namesOf(participant)];
    return faultTarget(this.account, direction, stanza, names);
  }

  #pump(): void {
    this.#pumpScheduled = false;
    this.#full = false;
    const { mailbox, socket } = this.#parts;
    while (!this.#closed && this.#unacked.size < mostUnacked && socket.backlog < mostBacklog) {
      const page = mailbox.after(this.account.id, this.#lastSent, pageSize);
      for (const outgoing of page) {
        if (this.#offline !== undefined && outgoing.seq > this.#offline.until) this.#endOffline();
        this.#lastSent = outgoing.seq;
        this.#sendStored(outgoing);
      }
      if (page.length < pageSize) {
        if (this.#offline !== undefined) this.#endOffline();
        return;
      }
    }
    this.#full = true;
    // Unread bytes shrink without an acknowledgement, so the session looks again soon.
    if (!this.#closed) setTimeout(() => this.wake(), 10).unref();
  }

  #endOffline(): void {
    const count = this.#offline?.count ?? 0;
    this.#offline = undefined;
    this.send(node("ib", {}, [node("offline", { count: String(count) })]));
  }

  #sendStored(outgoing: StoredStanza): void {
    let bytes = outgoing.stanza;
    if (this.#offline !== undefined) {
      this.#offline.count += 1;
      const { tag, attrs, content } = decodeStanza(bytes);
      bytes = encodeStanza(node(tag, { ...attrs, offline: String(this.#offline.count) }, content));
    }
    const out = (): void => {
      this.#unacked.add(ackKey(outgoing), outgoing, this.#ticks);
      this.#write(bytes);
    };
    if (this.#outgoing.clear) return out();
    const { participant } = decodeStanza(bytes).attrs;
    this.#outgoing.pass(this.#faultTarget("to_bridge", outgoing.class, outgoing.peer, participant), out);
  }

  #tick(): void {
    this.#ticks += 1;
    for (const key of this.#unacked.overdue(this.#ticks - ackTicks)) {
      const [stanzaClass = "", id] = key.split(" ");
      const what = stanzaClass === "n" ? "notification" : stanzaClass;
      this.reportViolation(
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
