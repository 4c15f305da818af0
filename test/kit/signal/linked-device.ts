import { randomBytes, X509Certificate } from "node:crypto";
import {
  CiphertextMessageType,
  ErrorCode,
  IdentityKeyPair,
  Net,
  PreKeySignalMessage,
  PrivateKey,
  ProtocolAddress,
  PublicKey,
  processPreKeyBundle,
  ServiceId,
  SignalMessage,
  sealedSenderDecryptToUsmc,
  signalDecrypt,
  signalDecryptPreKey,
  signalEncrypt,
} from "@signalapp/libsignal-client";
import type { Proto } from "@signalapp/mock-server";
import { type NewPrekey, newIdentity } from "../../../src/sandbox/phone/person-keys.ts";
import { dataContent } from "../../../tools/signal-mock/contents.ts";
import { type Heard, Journal } from "../../../tools/signal-mock/journal.ts";
import { proto } from "../../../tools/signal-mock/mock-server.ts";
import { type Person, textOf } from "../../../tools/signal-mock/person.ts";
import type { SignalMock } from "../../../tools/signal-mock/signal-mock.ts";
import { type MemoryDevice, memoryDevice } from "../signal-memory.ts";
import { provisioned } from "./provisioned.ts";
import { CAPABILITIES, put, registerLinked, uploaded } from "./register-linked.ts";

const PREKEY: number = CiphertextMessageType.PreKey;
const own = (bytes: Uint8Array) => Uint8Array.from(bytes);

// libsignal adds these to its connections by typings that do not resolve here.
type Chat = Net.AuthenticatedChatConnection &
  Net.AuthMessagesService &
  Net.AuthDevicesService &
  Net.AuthKeysService;
type OpenChat = Net.UnauthenticatedChatConnection & Net.UnauthKeysService;

/** libsignal's way to the mock. */
function netOf({ port, section }: SignalMock): Net.Net {
  return new Net.Net({
    localTestServer: true,
    userAgent: "linked-device-of-tests",
    TESTING_localServer_chatPort: port,
    TESTING_localServer_cdsiPort: port,
    TESTING_localServer_svr2Port: port,
    TESTING_localServer_svrBPort: port,
    TESTING_localServer_rootCertificateDer: own(new X509Certificate(section.server.ca).raw),
    TESTING_localServer_httpVersion: 2,
  });
}

interface Linked {
  readonly net: Net.Net;
  readonly local: ProtocolAddress;
  readonly password: string;
  readonly keys: MemoryDevice;
}

/** A linked device made of libsignal alone: it shares nothing with the connector. */
export class LinkedDevice implements AsyncDisposable {
  readonly journal = new Journal();
  /** Called for an envelope that came before. */
  onRepeat: () => void = () => undefined;
  readonly #linked: Linked;
  #chat: Chat | undefined;
  #open: OpenChat | undefined;
  #reading: Promise<unknown> = Promise.resolve();

  private constructor(linked: Linked) {
    this.#linked = linked;
  }

  /** Links a device to this person's phone, and reads what comes to it. Rejects where the server refuses it. */
  static async link(
    mock: SignalMock,
    person: Person,
    capabilities: Readonly<Record<string, boolean>> = CAPABILITIES,
  ): Promise<LinkedDevice> {
    const net = netOf(mock);
    let scanned: Promise<unknown> | undefined;
    const message = await provisioned(net, (qr) => {
      scanned = person.scans(qr);
      return scanned;
    });
    const password = randomBytes(16).toString("base64url");
    const keys = accountOf(message.aciIdentityKeyPrivate);
    const pni = accountOf(message.pniIdentityKeyPrivate);
    const open = await unauthenticated(net);
    const accounts = { aci: keys, pni, code: message.provisioningCode, capabilities };
    const local = ProtocolAddress.new(person.aci, await registerLinked(open, person.aci, password, accounts));
    await open.disconnect();
    const device = new LinkedDevice({ net, local, password, keys });
    await device.connect();
    await device.#uploads("aci", keys);
    await device.#uploads("pni", pni);
    await scanned;
    return device;
  }

  /** Connects; tells why the connection ended once it has: libsignal's code, undefined where we ended it. */
  async connect(): Promise<{
    readonly ended: Promise<number | undefined>;
    readonly alerts: Promise<readonly string[]>;
  }> {
    const { net, local, password } = this.#linked;
    const ended = Promise.withResolvers<number | undefined>();
    const alerts = Promise.withResolvers<readonly string[]>();
    await this.#open?.disconnect();
    this.#open = await unauthenticated(net);
    this.#chat = (await net.connectAuthenticatedChat(`${local.name()}.${local.deviceId()}`, password, false, {
      onIncomingMessage: (envelope, _, ack) => {
        void this.#read(proto.Envelope.decode(own(envelope))).then(() => ack.send(200));
      },
      onQueueEmpty: () => undefined,
      onReceivedAlerts: alerts.resolve,
      onConnectionInterrupted: (cause) => ended.resolve(cause?.code),
    })) as Chat;
    return { ended: ended.promise, alerts: alerts.promise };
  }

  get chat(): Chat {
    if (this.#chat === undefined) throw new Error("The device is not connected");
    return this.#chat;
  }

  /** Sends a text to every device of somebody. Rejects as libsignal does. */
  async says(to: Person, body: string, timestamp = Date.now()): Promise<void> {
    const content = proto.Content.encode(dataContent({ body, timestamp: BigInt(timestamp) }));
    const { keys, local } = this.#linked;
    const open = this.#open;
    if (open === undefined) throw new Error("The device is not connected");
    const destination = ServiceId.parseFromServiceIdString(to.aci);
    const auth = { accessKey: own(to.phone.profileKey.deriveAccessKey()) };
    const { preKeyBundles } = await open.getPreKeys({ target: destination, device: "all", auth });
    const { sessions, identities } = keys;
    const contents = [];
    for (const bundle of preKeyBundles) {
      const address = ProtocolAddress.new(to.aci, bundle.deviceId());
      if ((await sessions.getSession(address)) === null)
        await processPreKeyBundle(bundle, address, local, sessions, identities);
      const padded = Uint8Array.of(...content, 0x80);
      contents.push({
        deviceId: bundle.deviceId(),
        registrationId: bundle.registrationId(),
        contents: await signalEncrypt(padded, address, local, sessions, identities),
      });
    }
    await this.chat.sendMessage({ destination, timestamp, contents, onlineOnly: false, urgent: true });
  }

  hears(text: string): Promise<Heard> {
    return this.journal.find(`the text "${text}"`, (heard) => textOf(heard) === text);
  }

  /** Reads one envelope after another. One that came before is only told of. */
  async #read(envelope: Proto.Envelope): Promise<void> {
    const before = this.#reading;
    this.#reading = (async () => {
      await before;
      try {
        this.journal.add(await this.#opened(envelope));
      } catch (error) {
        // By its code: in jest libsignal has a second copy, for the mock, and an error may be of either's class.
        if ((error as { readonly code?: unknown }).code !== ErrorCode.DuplicatedMessage) throw error;
        this.onRepeat();
      }
    })();
    await this.#reading;
  }

  async #uploads(identity: "aci" | "pni", { more }: MemoryDevice): Promise<void> {
    const keys = more(20);
    const ofKind = (kind: NewPrekey["kind"]) => keys.filter((key) => key.kind === kind).map(uploaded);
    const body = { preKeys: ofKind("ec"), pqPreKeys: ofKind("kyber") };
    await put(this.chat, `/v2/keys?identity=${identity}`, body);
  }

  async #opened({ type, content, sourceServiceIdBinary, sourceDeviceId }: Proto.Envelope) {
    const bytes = own(content ?? new Uint8Array());
    const sealed = type === proto.Envelope.Type.UNIDENTIFIED_SENDER;
    const said = { to: "aci" as const, sealed, at: Date.now() };
    if (!sealed) {
      const binary = own(sourceServiceIdBinary ?? new Uint8Array());
      const from = ServiceId.parseFromServiceIdBinary(binary).getServiceIdString();
      const device = sourceDeviceId ?? 1;
      const isFirst = type === proto.Envelope.Type.PREKEY_MESSAGE;
      return { ...said, from, device, content: await this.#decrypted(from, device, bytes, isFirst) };
    }
    const unsealed = await sealedSenderDecryptToUsmc(bytes, this.#linked.keys.identities);
    const certificate = unsealed.senderCertificate();
    const [from, device] = [certificate.senderUuid(), certificate.senderDeviceId()];
    const isFirst = unsealed.msgType() === PREKEY;
    return {
      ...said,
      from,
      device,
      content: await this.#decrypted(from, device, own(unsealed.contents()), isFirst),
    };
  }

  async #decrypted(from: string, device: number, bytes: Uint8Array<ArrayBuffer>, isFirst: boolean) {
    const there = ProtocolAddress.new(from, device);
    const { sessions, identities, prekeys, signedPrekeys, kyberPrekeys } = this.#linked.keys;
    const padded = isFirst
      ? await signalDecryptPreKey(
          PreKeySignalMessage.deserialize(bytes),
          there,
          this.#linked.local,
          sessions,
          identities,
          prekeys,
          signedPrekeys,
          kyberPrekeys,
        )
      : await signalDecrypt(
          SignalMessage.deserialize(bytes),
          there,
          this.#linked.local,
          sessions,
          identities,
        );
    return proto.Content.decode(own(padded.slice(0, padded.lastIndexOf(0x80))));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.#chat?.disconnect(), this.#open?.disconnect()]);
  }
}

async function unauthenticated(net: Net.Net): Promise<OpenChat> {
  const chat = await net.connectUnauthenticatedChat({ onConnectionInterrupted: () => undefined });
  return chat as OpenChat;
}

function accountOf(secret: Uint8Array | null): MemoryDevice {
  const key = PrivateKey.deserialize(own(secret ?? new Uint8Array()));
  const pair = new IdentityKeyPair(PublicKey.deserialize(key.getPublicKey().serialize()), key);
  return memoryDevice(0, { ...newIdentity(), pair });
}
