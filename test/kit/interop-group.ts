import { randomUUID } from "node:crypto";
import type { Outgoing } from "../../src/core/model/events.ts";
import type { GroupChange } from "../../src/core/model/groups.ts";
import type { ChatId, MessageId } from "../../src/core/model/ids.ts";
import { plainText } from "../../src/core/model/rich-text.ts";
import type { Clock } from "../../src/core/ports/clock.ts";
import type { SendResult } from "../../src/core/ports/network.ts";
import { bundleNodes, registrationNode } from "../../src/networks/meta-interop/session/key-stanzas.ts";
import {
  participantKeysIn,
  senderKeyIn,
  withSenderKey,
} from "../../src/networks/meta-interop/wire/group-messages.ts";
import { type GroupDescription, groupNode } from "../../src/networks/meta-interop/wire/groups.ts";
import { bytes, child, children, type Node, node } from "../../src/networks/meta-interop/wire/node.ts";
import { pad, unpad } from "../../src/networks/meta-interop/wire/padding.ts";
import { decodePlaintext, encodePlaintext } from "../../src/networks/meta-interop/wire/plaintext.ts";
import type { Plaintext } from "../../src/networks/meta-interop/wire/plaintext-kinds.ts";
import type { Ciphertext } from "../../src/signal-protocol/signal-account.ts";
import { InteropPair, ourJid } from "./interop-pair.ts";
import { realClock } from "./interop-world.ts";
import { noFiles } from "./media-workshop.ts";
import { countAnswer, type ScriptedGatekeeper } from "./scripted-gatekeeper.ts";
import { SignalDevice } from "./signal-device.ts";

export const groupJid = "120363000000000001@g.us";
const us = { name: ourJid, device: 1 };

type Part = GroupDescription["members"][number]["part"];

/** Somebody in a group, with a phone of their own. */
class GroupPeer {
  readonly jid: string;
  readonly name: string;
  part: Part;
  phone: SignalDevice;
  distribution = randomUUID();
  #started = false;

  constructor(jid: string, name: string, part: Part) {
    this.jid = jid;
    this.name = name;
    this.part = part;
    this.phone = new SignalDevice({ name: jid, device: 1 });
  }

  reinstall(): void {
    this.phone = new SignalDevice({ name: this.jid, device: 1 });
    this.distribution = randomUUID();
    this.#started = false;
  }

  async sealForUs(pair: InteropPair, plaintext: Uint8Array): Promise<Ciphertext> {
    if (!this.#started) await this.phone.start(us, pair.ourBundle({ oneTime: false }));
    this.#started = true;
    return this.phone.seal(us, pad(plaintext));
  }
}

const enc = ({ type, bytes: sealed }: { readonly type: string; readonly bytes: Uint8Array }): Node =>
  node("enc", { v: "2", type }, sealed);

/** Our client in a group of phones, at a scripted gatekeeper. */
export class InteropGroup implements AsyncDisposable {
  readonly pair: InteropPair;
  readonly chat = groupJid as ChatId;
  readonly peers = new Map<string, GroupPeer>();
  /** JIDs of those of whom the gatekeeper has no keys. */
  readonly keyless = new Set<string>();
  /** What the gatekeeper says of the group; undefined where our person is not in it. */
  description: GroupDescription | undefined;
  #sts = 1_800_000_000_000_000;

  constructor(pair: InteropPair, count: number) {
    this.pair = pair;
    for (let index = 1; index <= count; index += 1) {
      const jid = `${31_600_000_000 + index}@s.whatsapp.net`;
      this.peers.set(jid, new GroupPeer(jid, `Member ${index}`, index === 1 ? "superadmin" : "member"));
    }
    this.describe();
    const { answers } = pair.gatekeeper;
    answers.set(
      "encrypt get",
      countAnswer("100", "100", (iq) => this.#bundles(iq)),
    );
    answers.set("w:g2 get", ({ attrs: { id } }) =>
      this.description
        ? node("iq", { id, type: "result" }, [groupNode(this.description)])
        : node("iq", { id, type: "error" }, [node("error", { code: "403" })]),
    );
    answers.set("w:g2 set", ({ attrs: { id }, content }) => node("iq", { id, type: "result" }, content));
  }

  static async start(count: number, clock: Clock = realClock): Promise<InteropGroup> {
    const greeting = node("success", {}, [
      node(
        "features",
        {
          groups: "true",
          ...Object.fromEntries(
            ["reactions", "replies", "typing", "receipts", "edits", "deletes"].map((flag) => [flag, "true"]),
          ),
        },
        [node("limits", { text: "5000" })],
      ),
    ]);
    return new InteropGroup(await InteropPair.start(clock, { greeting }), count);
  }

  get gatekeeper(): ScriptedGatekeeper {
    return this.pair.gatekeeper;
  }

  peer(number: number): GroupPeer {
    const peer = this.peers.get(`${31_600_000_000 + number}@s.whatsapp.net`);
    if (!peer) throw new Error("no such member");
    return peer;
  }

  /** Somebody comes in, of which nobody is told. */
  joins(jid: string, name: string): void {
    this.peers.set(jid, new GroupPeer(jid, name, "member"));
    this.describe();
  }

  /** The group with those who are in it now; `changed`: what is another than usual. */
  describe(changed: Partial<GroupDescription> = {}): void {
    const own = { jid: ourJid, part: "member", name: "Ana" } as const;
    this.description = {
      id: groupJid,
      creator: this.peer(1).jid,
      subject: "Allotment",
      description: "Every Sunday",
      picture: undefined,
      announcement: false,
      locked: false,
      members: [own, ...Array.from(this.peers.values(), ({ jid, part, name }) => ({ jid, part, name }))],
      ...changed,
    };
  }

  /** A message of a member: the key for us alone where `key`, and what is for all. */
  async message(peer: GroupPeer, id: string, plaintext: Plaintext, { key = true } = {}): Promise<Node> {
    await peer.phone.distributeSenderKey(peer.distribution);
    const given = key ? [enc(await this.keyOf(peer))] : [];
    const padded = pad(encodePlaintext("whatsapp", plaintext));
    const all = await peer.phone.sealForAll(peer.distribution, padded);
    return this.from(peer, id, [...given, enc({ type: "skmsg", bytes: all })]);
  }

  /** A member's sender key, encrypted for us. */
  async keyOf(peer: GroupPeer, group = groupJid): Promise<Ciphertext> {
    const distribution = await peer.phone.distributeSenderKey(peer.distribution);
    return peer.sealForUs(this.pair, encodePlaintext("whatsapp", { kind: "senderKey", group, distribution }));
  }

  /** A message again for us alone, with the key beside it, as a member answers a retry receipt. */
  async again(peer: GroupPeer, id: string, text: string): Promise<Node> {
    const distribution = await peer.phone.distributeSenderKey(peer.distribution);
    const plaintext = encodePlaintext("whatsapp", { kind: "text", text });
    const carrying = withSenderKey("whatsapp", plaintext, { group: groupJid, distribution });
    return this.from(peer, id, [enc(await peer.sealForUs(this.pair, carrying))]);
  }

  from(peer: Pick<GroupPeer, "jid" | "name">, id: string, encs: readonly Node[]): Node {
    this.#sts += 1_000_000;
    const time = { t: String(Math.floor(this.#sts / 1_000_000)), sts: String(this.#sts) };
    const attrs = { id, from: groupJid, participant: peer.jid, type: "text", display_name: peer.name };
    return node("message", { ...attrs, ...time }, encs);
  }

  async says(peer: GroupPeer, id: string, text: string, options: { readonly key?: boolean } = {}) {
    this.gatekeeper.send(await this.message(peer, id, { kind: "text", text }, options));
  }

  /** `<notification type="w:gp2">` by a member. */
  notice(id: string, by: string | undefined, ...content: readonly Node[]): void {
    const attrs = { id, type: "w:gp2", from: groupJid, participant: by, t: "1800000000" };
    this.gatekeeper.send(node("notification", attrs, content));
  }

  async send(id: string, text: string): Promise<SendResult | undefined> {
    return this.sendsOut(id, {
      kind: "message",
      message: { parts: [{ kind: "text", style: "text", body: plainText(text) }] },
    });
  }

  async sendsOut(id: string, outgoing: Outgoing): Promise<SendResult | undefined> {
    const { sink, client } = this.pair;
    const messageId = id as MessageId;
    sink.sent.set(messageId, outgoing);
    const item = { chat: this.chat, id: messageId, outgoing, open: noFiles };
    return client.send(item, sink.journal(messageId));
  }

  /** Our person changes the group, and what comes of it is committed, as the core does. */
  async changes(id: string, change: GroupChange): Promise<void> {
    const { client, sink, store } = this.pair;
    const outgoing = { kind: "group-change", change } as const;
    const item = { chat: this.chat, id: id as MessageId, outgoing, open: noFiles };
    const result = await client.send(item, sink.journal(item.id));
    if (result?.record) await store.write(result.record);
  }

  /** What a member's phone makes of our message; rejects where it cannot. */
  async reads(peer: GroupPeer, message: Node): Promise<Plaintext> {
    const key = participantKeysIn(message).find(({ jid }) => jid === peer.jid)?.enc;
    const own = children(message, "enc").find(({ attrs }) => attrs["type"] !== "skmsg");
    const alone = key ?? own;
    const opened = alone && unpad(await this.#opens(peer, alone));
    const given = opened && senderKeyIn("whatsapp", opened);
    if (given) await peer.phone.takeSenderKey(us, given.distribution);
    if (own && opened) return decodePlaintext("whatsapp", opened);
    const all = child(message, "enc");
    const padded = await peer.phone.openFromOne(us, (all && bytes(all)) ?? new Uint8Array());
    return decodePlaintext("whatsapp", unpad(padded));
  }

  /** Our messages to the group that the gatekeeper got. */
  get sent(): readonly Node[] {
    return this.gatekeeper.stanzas.filter(({ tag, attrs }) => tag === "message" && attrs["to"] === groupJid);
  }

  /** The requests of that kind that the gatekeeper got. */
  requests(xmlns: string, type: string): readonly Node[] {
    return this.gatekeeper.stanzas.filter(
      ({ tag, attrs }) => tag === "iq" && attrs["xmlns"] === xmlns && attrs["type"] === type,
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.pair[Symbol.asyncDispose]();
  }

  async #opens({ phone }: GroupPeer, { attrs, ...rest }: Node): Promise<Uint8Array> {
    const type = attrs["type"] === "pkmsg" ? "pkmsg" : "msg";
    return phone.open(us, { type, bytes: bytes({ attrs, ...rest }) ?? new Uint8Array() });
  }

  #bundles(iq: Node): Node {
    const key = child(iq, "key");
    const users = (key ? children(key, "user") : []).map(({ attrs: { jid = "" } }) => {
      const peer = this.peers.get(jid);
      if (!peer || this.keyless.has(jid)) return node("user", { jid }, [node("error", { code: "404" })]);
      const bundle = peer.phone.bundle();
      return node("user", { jid }, [registrationNode(bundle.registrationId), ...bundleNodes(bundle)]);
    });
    return node("iq", { id: iq.attrs["id"], type: "result" }, [node("list", {}, users)]);
  }
}
