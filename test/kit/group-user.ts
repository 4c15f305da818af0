/** An integrator's user in groups: sender keys in memory, groups over a chat connection. */
import { randomUUID } from "node:crypto";
import {
  groupDecrypt,
  groupEncrypt,
  ProtocolAddress,
  processSenderKeyDistributionMessage,
  SenderKeyDistributionMessage,
} from "@signalapp/libsignal-client";
import { participantKeysNode, senderKeyIn } from "../../src/networks/meta-interop/wire/group-messages.ts";
import { membersHash } from "../../src/networks/meta-interop/wire/groups.ts";
import { bytes, child, children, type Node, node } from "../../src/networks/meta-interop/wire/node.ts";
import { pad, unpad } from "../../src/networks/meta-interop/wire/padding.ts";
import { decodePlaintext, encodePlaintext } from "../../src/networks/meta-interop/wire/plaintext.ts";
import type { Plaintext } from "../../src/networks/meta-interop/wire/plaintext-kinds.ts";
import type { ChatClient } from "./chat-client.ts";
import type { EncryptedUser } from "./encrypted-user.ts";
import type { SandboxWorld } from "./sandbox-world.ts";

export class GroupUser {
  readonly user: EncryptedUser;
  readonly chat: ChatClient;
  readonly group: string;
  #distribution = randomUUID();
  readonly #holders = new Set<string>();

  constructor(user: EncryptedUser, chat: ChatClient, group: string) {
    this.user = user;
    this.chat = chat;
    this.group = group;
  }

  get jid(): string {
    return this.user.login.jid;
  }

  /** The members as the gatekeeper has them. */
  async members(): Promise<readonly string[]> {
    const answer = await this.chat.ask("w:g2", "get", [node("query")], this.group);
    const group = child(answer, "group");
    return (group ? children(group, "participant") : []).map(({ attrs }) => attrs["jid"] ?? "");
  }

  /** From the next message on all need a key again. */
  newKey(): void {
    this.#distribution = randomUUID();
    this.#holders.clear();
  }

  /** The one stanza for all, with the key for the members who lack it. */
  async seal(
    id: string,
    plaintext: Plaintext,
    members: readonly string[],
    attrs: Readonly<Record<string, string>> = {},
  ): Promise<Node> {
    const { network } = this.user;
    const others = members.filter((jid) => jid !== this.jid && !this.#holders.has(jid));
    const distribution = await this.#key();
    const keys: { jid: string; enc: Node }[] = [];
    for (const jid of others) {
      await this.user.startSession(this.chat, jid);
      const sealed = await this.user.seal(jid, id, { kind: "senderKey", group: this.group, distribution });
      const [enc] = children(sealed, "enc");
      if (enc) keys.push({ jid, enc });
      this.#holders.add(jid);
    }
    const padded = new Uint8Array(pad(encodePlaintext(network, plaintext)));
    const { senderKeys } = this.user.device;
    const forAll = await groupEncrypt(this.#local, this.#distribution, senderKeys, padded);
    const enc = node("enc", { v: network === "whatsapp" ? "2" : "3", type: "skmsg" }, forAll.serialize());
    const type = plaintext.kind === "reaction" ? "reaction" : "text";
    const about = { id, to: this.group, type, phash: membersHash(members), ...attrs };
    return node("message", about, [...participantKeysNode(keys), enc]);
  }

  async writes(id: string, text: string, members?: readonly string[]): Promise<Node> {
    const known = members ?? (await this.members());
    return this.user.sends(this.chat, await this.seal(id, { kind: "text", text }, known));
  }

  /** A message of the group: its key is taken first, if it brings one. */
  async opens(message: Node): Promise<Plaintext> {
    const { participant = "" } = message.attrs;
    const encs = children(message, "enc");
    const own = encs.find(({ attrs }) => attrs["type"] !== "skmsg");
    const forAll = encs.find((enc) => enc !== own);
    const { network, device } = this.user;
    const remote = ProtocolAddress.new(participant, 1);
    const first = own && (await this.user.decrypts(participant, own));
    const key = first && senderKeyIn(network, first);
    if (key) {
      const distribution = SenderKeyDistributionMessage.deserialize(Uint8Array.from(key.distribution));
      await processSenderKeyDistributionMessage(remote, distribution, device.senderKeys);
    }
    if (!forAll) return decodePlaintext(network, first ?? new Uint8Array());
    const plaintext = await groupDecrypt(remote, device.senderKeys, new Uint8Array(bytes(forAll) ?? []));
    return decodePlaintext(network, unpad(plaintext));
  }

  /** A receipt for a member's message. */
  receipt(message: Node, type?: string, content?: readonly Node[]): Node {
    const { id, participant } = message.attrs;
    return node("receipt", { id, to: this.group, participant, type }, content);
  }

  get #local(): ProtocolAddress {
    return ProtocolAddress.new(this.jid, 1);
  }

  async #key(): Promise<Uint8Array> {
    const { senderKeys } = this.user.device;
    const made = await SenderKeyDistributionMessage.create(this.#local, this.#distribution, senderKeys);
    return made.serialize();
  }
}

/** Bram has made a group of himself, Cas and Dora, and of Ana. */
export async function inGroup(world: SandboxWorld, network: "whatsapp" | "messenger" = "whatsapp") {
  await world.client.network(network, { features: { groups: true } });
  const bram = await world.client.person({ network, name: "Bram" });
  const cas = await world.client.person({ network, name: "Cas" });
  const dora = await world.client.person({ network, name: "Dora" });
  const { user, chat } = await world.user("@ana:example.org", network);
  const told = chat.next(({ tag, attrs }) => tag === "notification" && attrs["type"] === "w:gp2");
  const group = await bram.does("createsGroup", {
    name: "Walks",
    members: ["@ana:example.org", cas.id, dora.id],
    id: "W1",
  });
  const notification = await told;
  return { bram, cas, dora, user, chat, group, notification, inside: new GroupUser(user, chat, group) };
}
