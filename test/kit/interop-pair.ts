import type { Outgoing } from "../../src/core/model/events.ts";
import type {
  ChatId,
  EventId,
  LoginId,
  MessageId,
  NetworkId,
  PersonId,
  RoomId,
  UserId,
} from "../../src/core/model/ids.ts";
import type { HomeserverFile } from "../../src/core/model/media.ts";
import { plainText } from "../../src/core/model/rich-text.ts";
import type { Clock } from "../../src/core/ports/clock.ts";
import type { NetworkClient } from "../../src/core/ports/network.ts";
import type { Login } from "../../src/core/ports/rows.ts";
import type { Store } from "../../src/core/ports/store.ts";
import { writeAccount } from "../../src/networks/meta-interop/account/account.ts";
import type { IdentifierOf } from "../../src/networks/meta-interop/account/enlist.ts";
import { JwtKeys } from "../../src/networks/meta-interop/account/jwt-keys.ts";
import { InteropNetwork } from "../../src/networks/meta-interop/connector.ts";
import { Residences } from "../../src/networks/meta-interop/login/residences.ts";
import { MediaHost } from "../../src/networks/meta-interop/media/media-host.ts";
import {
  bundleNodes,
  readBundle,
  registrationNode,
} from "../../src/networks/meta-interop/session/key-stanzas.ts";
import { whatsapp } from "../../src/networks/meta-interop/whatsapp.ts";
import { bytes, child, type Node, node } from "../../src/networks/meta-interop/wire/node.ts";
import { generateKeyPair } from "../../src/networks/meta-interop/wire/noise/x25519.ts";
import { pad, unpad } from "../../src/networks/meta-interop/wire/padding.ts";
import {
  decodePlaintext,
  encodePlaintext,
  encodeText,
} from "../../src/networks/meta-interop/wire/plaintext.ts";
import type { Plaintext } from "../../src/networks/meta-interop/wire/plaintext-kinds.ts";
import { makeOwnKeys } from "../../src/signal-protocol/key-maker.ts";
import type { PublicBundle } from "../../src/signal-protocol/public-keys.ts";
import { aciOf, signalRecords } from "../../src/signal-protocol/signal-records.ts";
import { openStore } from "../../src/store/open.ts";
import { quietLog, realClock } from "./interop-world.ts";
import { MediaWorkshop, noFiles } from "./media-workshop.ts";
import { RecordingSink } from "./recording-sink.ts";
import { countAnswer, ScriptedGatekeeper } from "./scripted-gatekeeper.ts";
import { SignalPeer } from "./signal-peer.ts";

export const peerJid = "31612345678@s.whatsapp.net";
export const ourJid = "12-105012@interop";

export interface InteropPairOptions {
  /** The gatekeeper's media host. */
  readonly mediaUrl?: string;
  /** Folders in which to look for ffmpeg. */
  readonly searchPath?: string;
  readonly identifierOf?: IdentifierOf;
  /** The gatekeeper's first stanza. */
  readonly greeting?: Node;
}

/** Our client with a scripted gatekeeper, and a Signal peer as its contact. */
export class InteropPair implements AsyncDisposable {
  readonly gatekeeper: ScriptedGatekeeper;
  readonly store: Store;
  readonly login: Login;
  readonly peer = new SignalPeer(peerJid);
  readonly chat = peerJid as string as ChatId;
  sink: RecordingSink;
  client!: NetworkClient;
  /** Whether the peer's bundles have a one-time key. */
  oneTimeKeys = true;
  readonly network: InteropNetwork;
  readonly host: MediaHost;
  #sts = 1_700_000_000_000_000;

  readonly workshop: MediaWorkshop;

  constructor(
    gatekeeper: ScriptedGatekeeper,
    clock: Clock,
    workshop: MediaWorkshop,
    options: InteropPairOptions,
  ) {
    this.gatekeeper = gatekeeper;
    this.workshop = workshop;
    this.store = openStore({ path: ":memory:", log: quietLog });
    const account = writeAccount({
      accountId: "105012",
      jid: ourJid,
      chatUrl: gatekeeper.url,
      mediaProxy: "http://127.0.0.1/p",
      mediaUrl: options.mediaUrl ?? "http://127.0.0.1/m",
      identifier: { type: "username", value: "@ana:example.org" },
      noise: generateKeyPair(),
    });
    const base = { user: "@ana:example.org" as UserId, network: "whatsapp" as NetworkId, account };
    const rest = { state: "active", visibleId: "@ana:example.org", consentVersion: 1, consentAt: 1 } as const;
    this.login = { id: "login-1" as LoginId, ...base, ...rest };
    this.sink = new RecordingSink(this.store, this.login.id);
    const { store } = this;
    const publicUrl = "http://127.0.0.1:1";
    this.host = new MediaHost({
      folder: workshop.hosted,
      keepDays: 30,
      publicUrl,
      store,
      clock,
      log: quietLog,
    });
    this.network = new InteropNetwork({
      host: this.host,
      tools: workshop.tools,
      profile: whatsapp,
      section: { url: "http://127.0.0.1/whatsapp", root_key: gatekeeper.rootKey, allowed_hosts: [] },
      issuer: "http://127.0.0.1",
      keys: new JwtKeys(this.store, clock),
      store: this.store,
      clock,
      random: { uuid: () => crypto.randomUUID() },
      log: quietLog,
      residences: new Residences({ store, clock, networks: [whatsapp.id] }),
      identifierOf: options.identifierOf ?? (async (user) => ({ type: "username", value: user })),
      routes: [],
    });
    gatekeeper.answers.set(
      "encrypt get",
      countAnswer("0", "0", (iq) => this.#bundle(iq)),
    );
  }

  static async start(clock: Clock = realClock, options: InteropPairOptions = {}): Promise<InteropPair> {
    const pair = new InteropPair(
      await ScriptedGatekeeper.start(),
      clock,
      await MediaWorkshop.open(options.searchPath),
      options,
    );
    if (options.greeting) pair.gatekeeper.greeting = options.greeting;
    await pair.store.write((tx) => {
      tx.logins.add(pair.login);
      tx.family(signalRecords).setOwn(aciOf(pair.login.id), makeOwnKeys());
    });
    await pair.connect();
    return pair;
  }

  async connect(): Promise<void> {
    this.client = this.network.connect(this.login, this.sink);
    await this.client.connected(AbortSignal.timeout(10_000));
  }

  /** Restarts the client: only what is on disk is left. */
  async restart(): Promise<void> {
    await this.client[Symbol.asyncDispose]();
    const { sent, sealed } = this.sink;
    this.sink = new RecordingSink(this.store, this.login.id);
    for (const [id, outgoing] of sent) this.sink.sent.set(id, outgoing);
    for (const [id, bytes] of sealed) this.sink.sealed.set(id, bytes);
    await this.connect();
  }

  /** The peer starts a session with the keys that we uploaded. */
  async peerStarts(wanted: { readonly oneTime?: boolean; readonly last?: boolean } = {}): Promise<void> {
    await this.peer.start(ourJid, this.ourBundle(wanted));
  }

  /** Of the keys that we uploaded; one-time keys but the first are for once. */
  ourBundle({ oneTime = true, last = false } = {}): PublicBundle {
    const uploads = this.gatekeeper.stanzas.filter(
      ({ tag, attrs }) => tag === "iq" && attrs["type"] === "set",
    );
    const upload = last ? uploads.at(-1) : uploads[0];
    const list = upload && child(upload, "list");
    const key = list && child(list, "key");
    if (!upload || !key) throw new Error("no keys were uploaded");
    const nodes = ["type", "identity", "skey", "kyber"].flatMap((tag) => child(upload, tag) ?? []);
    const bundle = readBundle(
      node("user", {}, [...nodes, ...(oneTime ? [key] : [])]),
      child(upload, "registration"),
    );
    if (!bundle) throw new Error("the upload is malformed");
    return bundle;
  }

  /** A text of the peer, as the gatekeeper delivers it. */
  async message(id: string, text: string): Promise<Node> {
    return this.ciphertext(id, await this.peer.encrypt(ourJid, pad(encodeText("whatsapp", { text }))));
  }

  ciphertext(id: string, { type, bytes }: { readonly type: string; readonly bytes: Uint8Array }): Node {
    this.#sts += 1;
    const attrs = {
      id,
      from: peerJid,
      t: "1700000000",
      sts: String(this.#sts),
      type: "text",
      display_name: "Wim",
    };
    return node("message", attrs, [node("enc", { v: "2", type }, bytes)]);
  }

  /** The gatekeeper delivers any message of the peer. */
  async sends(id: string, plaintext: Plaintext): Promise<void> {
    const padded = pad(encodePlaintext("whatsapp", plaintext));
    this.gatekeeper.send(this.ciphertext(id, await this.peer.encrypt(ourJid, padded)));
  }

  async says(id: string, text: string): Promise<void> {
    this.gatekeeper.send(await this.message(id, text));
  }

  async send(id: string, text: string): Promise<void> {
    const outgoing: Outgoing = {
      kind: "message",
      message: { parts: [{ kind: "text", style: "text", body: plainText(text) }] },
    };
    const messageId = id as MessageId;
    this.sink.sent.set(messageId, outgoing);
    await this.client.send(
      { chat: this.chat, id: messageId, outgoing, open: noFiles },
      this.sink.journal(messageId),
    );
  }

  /** Our client sends a message; `files` are the homeserver's files by address. */
  async sendsOut(
    id: string,
    outgoing: Outgoing,
    files: ReadonlyMap<string, Uint8Array> = new Map(),
  ): Promise<void> {
    const messageId = id as MessageId;
    this.sink.sent.set(messageId, outgoing);
    const open = ({ uri }: HomeserverFile) => this.workshop.file(files.get(uri) ?? new Uint8Array(0));
    await this.client.send({ chat: this.chat, id: messageId, outgoing, open }, this.sink.journal(messageId));
  }

  /** The text that the peer decrypts from our message. */
  async reads(message: Node): Promise<string> {
    const plaintext = await this.opens(message);
    return plaintext.kind === "text" ? plaintext.text : plaintext.kind;
  }

  async opens(message: Node): Promise<Plaintext> {
    const enc = child(message, "enc");
    const padded = await this.peer.decrypt(
      ourJid,
      enc?.attrs["type"],
      (enc && bytes(enc)) ?? new Uint8Array(),
    );
    return decodePlaintext("whatsapp", unpad(padded));
  }

  /** Confirms a message, as the core does when it is in the room. */
  async inRoom(id: string): Promise<void> {
    const link = { login: this.login.id, chat: this.chat, id: id as MessageId, part: 0, at: 1 };
    const sent = { room: "!room" as RoomId, event: `$${id}` as EventId, sender: peerJid as PersonId };
    await this.store.write((tx) => tx.messages.add({ ...link, ...sent }));
  }

  acked(id: string, kind = "message", since = 0): Promise<Node> {
    return this.gatekeeper.until(
      `the ack of ${id}`,
      ({ tag, attrs }) => tag === "ack" && attrs["class"] === kind && attrs["id"] === id,
      since,
    );
  }

  sentMessage(id: string, since = 0): Promise<Node> {
    return this.gatekeeper.until(
      `message ${id}`,
      ({ tag, attrs }) => tag === "message" && attrs["id"] === id,
      since,
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.client[Symbol.asyncDispose]();
    await this.store[Symbol.asyncDispose]();
    await this.gatekeeper[Symbol.asyncDispose]();
    await this.workshop[Symbol.asyncDispose]();
  }

  #bundle({ attrs: { id } }: Node): Node {
    const bundle = this.peer.bundle({ oneTime: this.oneTimeKeys });
    const user = node("user", { jid: peerJid }, [
      registrationNode(bundle.registrationId),
      ...bundleNodes(bundle),
    ]);
    return node("iq", { id, type: "result" }, [node("list", {}, [user])]);
  }
}
