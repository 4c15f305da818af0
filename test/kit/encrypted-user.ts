/** An integrator's user with keys in memory, over a chat connection: uploads prekeys, writes and reads messages. */
import {
  CiphertextMessageType,
  PreKeySignalMessage,
  ProtocolAddress,
  processPreKeyBundle,
  SignalMessage,
  signalDecrypt,
  signalDecryptPreKey,
  signalEncrypt,
} from "@signalapp/libsignal-client";
import { bytes, child, children, type Node, node } from "../../src/networks/meta-interop/wire/node.ts";
import { pad, unpad } from "../../src/networks/meta-interop/wire/padding.ts";
import { decodePlaintext, encodePlaintext } from "../../src/networks/meta-interop/wire/plaintext.ts";
import type { Plaintext } from "../../src/networks/meta-interop/wire/plaintext-kinds.ts";
import type { NewPrekey } from "../../src/sandbox/phone/person-keys.ts";
import { rawKey, signalBundle } from "../../src/sandbox/phone/signal-bundle.ts";
import {
  keyType,
  readBundle,
  readUint,
  registrationNode,
  uint,
} from "../../src/sandbox/state/bundle-stanza.ts";
import type { ChatClient } from "./chat-client.ts";
import { type MemoryDevice, memoryDevice } from "./signal-memory.ts";
import type { Enlisted } from "./third-party.ts";

const prekeyNode = (tag: string, { public: { id, value, signature } }: NewPrekey): Node =>
  node(tag, {}, [
    node("id", {}, uint(id, 3)),
    node("value", {}, value),
    ...(signature === null ? [] : [node("signature", {}, signature)]),
  ]);

/** The content of a stanza that uploads prekeys. */
function uploadOf(device: MemoryDevice, keys: readonly NewPrekey[]): readonly Node[] {
  const of = (kind: NewPrekey["kind"], tag: string): readonly Node[] =>
    keys.filter((key) => key.kind === kind).map((key) => prekeyNode(tag, key));
  return [
    registrationNode(device.registration),
    node("type", {}, uint(keyType, 1)),
    node("identity", {}, rawKey(device.pair.publicKey)),
    node("list", {}, of("ec", "key")),
    node("kyberlist", {}, of("kyber", "kyber")),
    ...of("signed", "skey"),
    ...of("last", "kyber"),
  ];
}

const prekey: number = CiphertextMessageType.PreKey;

export class EncryptedUser {
  readonly login: Enlisted;
  readonly device: MemoryDevice;
  readonly #local: ProtocolAddress;
  readonly network: "whatsapp" | "messenger";

  constructor(login: Enlisted, device: MemoryDevice = memoryDevice()) {
    this.login = login;
    this.device = device;
    this.#local = ProtocolAddress.new(login.jid, 1);
    this.network = login.chatUrl.includes("/messenger/") ? "messenger" : "whatsapp";
  }

  upload(chat: ChatClient, keys: readonly NewPrekey[] = this.device.upload): Promise<Node> {
    return chat.ask("encrypt", "set", uploadOf(this.device, keys));
  }

  async startSession(chat: ChatClient, jid: string): Promise<void> {
    const answer = await chat.ask("encrypt", "get", [node("key", {}, [node("user", { jid })])]);
    const list = child(answer, "list");
    const user = list && children(list, "user")[0];
    const bundle = user && readBundle(user, readUint(child(user, "registration"), 4) ?? 0);
    if (bundle === undefined) throw new Error("no bundle");
    await this.useBundle(jid, bundle);
  }

  async useBundle(jid: string, bundle: NonNullable<ReturnType<typeof readBundle>>): Promise<void> {
    const { sessions, identities } = this.device;
    await processPreKeyBundle(signalBundle(bundle), this.#remote(jid), this.#local, sessions, identities);
  }

  async seal(jid: string, id: string, plaintext: Plaintext): Promise<Node> {
    const { sessions, identities } = this.device;
    const padded = pad(encodePlaintext(this.network, plaintext));
    const sealed = await signalEncrypt(padded, this.#remote(jid), this.#local, sessions, identities);
    const type = sealed.type() === prekey ? "pkmsg" : "msg";
    const v = this.network === "whatsapp" ? "2" : "3";
    const kind = plaintext.kind === "reaction" ? "reaction" : "text";
    return node("message", { id, to: jid, type: kind }, [node("enc", { v, type }, sealed.serialize())]);
  }

  /** Sends and waits for the acknowledgement. */
  async writes(chat: ChatClient, jid: string, id: string, text: string): Promise<Node> {
    const stanza = await this.seal(jid, id, { kind: "text", text });
    return this.sends(chat, stanza);
  }

  sends(chat: ChatClient, stanza: Node): Promise<Node> {
    const { id } = stanza.attrs;
    const ack = chat.next(
      ({ tag, attrs }) => tag === "ack" && attrs["class"] === "message" && attrs["id"] === id,
    );
    chat.send(stanza);
    return ack;
  }

  async opens(message: Node): Promise<Plaintext> {
    const enc = child(message, "enc");
    return decodePlaintext(this.network, await this.decrypts(message.attrs["from"] ?? "", enc));
  }

  /** The plaintext of somebody's ciphertext for this user alone, without its padding. */
  async decrypts(jid: string, enc: Node | undefined): Promise<Uint8Array> {
    const ciphertext = Uint8Array.from((enc && bytes(enc)) ?? []);
    const { sessions, identities, prekeys, signedPrekeys, kyberPrekeys } = this.device;
    const remote = this.#remote(jid);
    const plaintext =
      enc?.attrs["type"] === "pkmsg"
        ? await signalDecryptPreKey(
            PreKeySignalMessage.deserialize(ciphertext),
            remote,
            this.#local,
            sessions,
            identities,
            prekeys,
            signedPrekeys,
            kyberPrekeys,
          )
        : await signalDecrypt(
            SignalMessage.deserialize(ciphertext),
            remote,
            this.#local,
            sessions,
            identities,
          );
    return unpad(plaintext);
  }

  /** A delivery receipt for a message. */
  delivered(message: Node): Node {
    const { id, from, sts } = message.attrs;
    return node("receipt", { id, to: from, sts });
  }

  #remote(jid: string): ProtocolAddress {
    return ProtocolAddress.new(jid, 1);
  }
}
