import type { Message } from "../../../src/core/model/content.ts";
import type { Outgoing } from "../../../src/core/model/events.ts";
import type { ChatId, MessageId, PersonId } from "../../../src/core/model/ids.ts";
import type { HomeserverFile, MediaFile, MediaTools } from "../../../src/core/model/media.ts";
import { plainText } from "../../../src/core/model/rich-text.ts";
import type { Journal, SendResult } from "../../../src/core/ports/network.ts";
import type { Login } from "../../../src/core/ports/rows.ts";
import { readAccount } from "../../../src/networks/signal/account.ts";
import { capabilities } from "../../../src/networks/signal/capabilities.ts";
import type { SignalClient } from "../../../src/networks/signal/client.ts";
import { chatWith, messageIdOf, personOf } from "../../../src/networks/signal/ids.ts";
import { SignalFiles } from "../../../src/networks/signal/media/signal-files.ts";
import { openClient } from "../../../src/networks/signal/open-client.ts";
import { Challenges } from "../../../src/networks/signal/service/challenges.ts";
import type { Person } from "../../../tools/signal-mock/person.ts";
import { memoryTools } from "../memory-tools.ts";
import { RecordingSink } from "../recording-sink.ts";
import type { LinkingWorld } from "./linking.ts";
import { serversOf } from "./upload-forms.ts";

/** A login that is linked to a played phone, over the mock, with a sink that keeps what it gets. */
export class SignalSession implements AsyncDisposable {
  readonly world: LinkingWorld;
  /** Our person's phone. */
  readonly phone: Person;
  readonly login: Login;
  sink: RecordingSink;
  client!: SignalClient;
  readonly #files: SignalFiles;
  #renewal = Promise.withResolvers<void>();
  #last = 0;

  private constructor(world: LinkingWorld, phone: Person, login: Login, tools: MediaTools) {
    const servers = serversOf(world.mock);
    const { clock } = world;
    this.#files = new SignalFiles({ servers, userAgent: "a bridge", granted: capabilities, tools, clock });
    this.world = world;
    this.phone = phone;
    this.login = login;
    this.sink = new RecordingSink(world.store, login.id);
  }

  static async start(world: LinkingWorld, name = "Ana", tools = memoryTools): Promise<SignalSession> {
    const phone = await world.mock.person(name);
    const { login, device } = await world.linked(phone);
    const session = new SignalSession(world, phone, login, tools);
    await session.connect();
    await device;
    return session;
  }

  /** Connects, again after {@link disconnect}: what was sealed and sent before is still known. */
  async connect(): Promise<void> {
    const { store, access, log, clock } = this.world;
    const client = await openClient({
      login: this.login.id,
      network: this.login.network,
      user: this.login.user,
      challenges: new Challenges({ loginsOf: (user) => store.logins.of(user, this.login.network) }),
      files: this.#files,
      account: readAccount(((await store.logins.get(this.login.id)) ?? this.login).account),
      renew: () => this.#renewal.resolve(),
      access,
      servers: serversOf(this.world.mock),
      store,
      sink: this.sink,
      clock,
      random: { uuid: () => crypto.randomUUID() },
      log,
    });
    if (!client) throw new Error("the login has no keys");
    this.client = client;
    await client.connected(AbortSignal.timeout(10_000));
  }

  /** Resolves when the client asks to be made anew. */
  renewal(): Promise<void> {
    this.#renewal = Promise.withResolvers<void>();
    return this.#renewal.promise;
  }

  async disconnect(): Promise<void> {
    await this.client[Symbol.asyncDispose]();
  }

  /** A file of the homeserver's, for messages of our person's. */
  readonly files = new Map<string, MediaFile>();

  /** The next name of a message of ours. */
  nextId(): MessageId {
    this.#last = Math.max(Date.now(), this.#last + 1);
    return messageIdOf({ author: personOf(this.phone.aci) as PersonId, timestamp: this.#last });
  }

  says(to: Person, text: string, id = this.nextId()): Promise<SendResult | undefined> {
    return this.sends(to, { kind: "message", message: textMessage(text) }, id);
  }

  sends(
    to: Person,
    outgoing: Outgoing,
    id = this.nextId(),
    journal: Journal = this.sink.journal(id),
  ): Promise<SendResult | undefined> {
    return this.sendsIn(chatOf(to), outgoing, id, journal);
  }

  saysIn(chat: ChatId, text: string, id = this.nextId()): Promise<SendResult | undefined> {
    return this.sendsIn(chat, { kind: "message", message: textMessage(text) }, id);
  }

  async sendsIn(
    chat: ChatId,
    outgoing: Outgoing,
    id = this.nextId(),
    journal: Journal = this.sink.journal(id),
  ): Promise<SendResult | undefined> {
    const open = async ({ uri }: HomeserverFile): Promise<MediaFile> => {
      const file = this.files.get(uri);
      if (!file) throw new Error("no file was sent");
      return file;
    };
    this.sink.sent.set(id, outgoing);
    this.sink.sentTo.set(id, chat);
    return this.client.send({ chat, id, outgoing, open }, journal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.disconnect();
    await this.#files[Symbol.asyncDispose]();
  }
}

export const personIdOf = (person: Person): PersonId => personOf(person.aci) as PersonId;

export const chatOf = (person: Person): ChatId => chatWith(personIdOf(person));

const textMessage = (text: string): Message => ({
  parts: [{ kind: "text", style: "text", body: plainText(text) }],
});
