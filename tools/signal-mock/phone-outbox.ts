import { randomUUID } from "node:crypto";
import { IdentityKeyPair, Pni, SenderKeyDistributionMessage } from "@signalapp/libsignal-client";
import type { Device, Group, ServiceIdKind as Kind, PrimaryDevice, Proto } from "@signalapp/mock-server";
import { senderKeyContent } from "./contents.ts";
import { ServiceIdKind } from "./mock-server.ts";
import { internals } from "./phone-internals.ts";
import type { PlayedServer } from "./played-server.ts";

/** How something is sent. */
export interface Sending {
  /** Hides the sender from the server, as Signal does towards whom it has a profile key of; true unless said. */
  readonly sealed?: boolean;
  /** Sent to the phone number's identity, as by a stranger who knows only the number. */
  readonly toNumber?: boolean;
  /** Milliseconds since the epoch; the next free one unless given. */
  readonly timestamp?: number;
  /** Proves that the sender's number and account are one person's; or claims it by this, whoever made it. */
  readonly withNumberProof?: boolean | NumberProof;
}

type NumberProof = Proto.PniSignatureMessage.Params;

/** What was sent, and when every device that it went to has acknowledged it. */
export interface Sent {
  readonly timestamp: number;
  readonly acknowledged: Promise<void>;
}

/** What is sent to a group by a sender key. */
export interface SendingByKey {
  readonly timestamp: number;
  readonly group: Group;
  readonly forgetful?: boolean;
}

/** Encrypts what a phone sends, for each device that it goes to. */
export class PhoneOutbox {
  readonly #server: PlayedServer;
  readonly #phone: PrimaryDevice;
  readonly #started = new Map<Kind, WeakMap<Device, Promise<void>>>();
  /** The sender key's of each device and group. */
  readonly #distributions = new Map<string, string>();
  /** What was sent in words, which no log of a bridge may hold. */
  readonly texts: string[] = [];
  #last = 0;

  constructor(server: PlayedServer, phone: PrimaryDevice) {
    this.#server = server;
    this.#phone = phone;
  }

  /** A time that no message of this phone has. */
  next(): number {
    this.#last = Math.max(Date.now(), this.#last + 1);
    return this.#last;
  }

  async send(
    devices: readonly Device[],
    content: Proto.Content.Params,
    { timestamp = this.next(), toNumber = false, sealed = !toNumber, withNumberProof = false }: Sending = {},
  ): Promise<Sent> {
    const { dataMessage, editMessage } = content.content ?? {};
    const text = (dataMessage ?? editMessage?.dataMessage)?.body;
    if (text) this.texts.push(text);
    const serviceIdKind = toNumber ? ServiceIdKind.PNI : ServiceIdKind.ACI;
    const proof = withNumberProof === true ? await this.numberProof() : withNumberProof || null;
    const whole = proof ? { ...content, pniSignatureMessage: proof } : content;
    const acks: Promise<void>[] = [];
    for (const device of devices) {
      await this.#session(device, serviceIdKind);
      const options = { timestamp, sealed, serviceIdKind };
      const envelope = await internals(this.#phone).encryptContent(device, whole, options);
      acks.push(this.#server.send(device, envelope));
    }
    return { timestamp, acknowledged: Promise.all(acks).then(() => undefined) };
  }

  /**
   * Encrypts with a sender key for each device, of which it gets to know before; `forgetful`: a device is told of no key,
   * and cannot read it.
   */
  async sendByKey(
    devices: readonly Device[],
    content: Proto.Content.Params,
    { timestamp, group, forgetful = false }: SendingByKey,
  ): Promise<Sent> {
    const acks: Promise<void>[] = [];
    for (const device of devices) {
      const distributionId = await this.#distribution(device, group, forgetful);
      const options = { timestamp, sealed: true, serviceIdKind: ServiceIdKind.ACI, distributionId, group };
      const envelope = await internals(this.#phone).encryptContent(device, content, options);
      acks.push(this.#server.send(device, envelope));
    }
    return { timestamp, acknowledged: Promise.all(acks).then(() => undefined) };
  }

  async #distribution(device: Device, { id }: Group, forgetful: boolean): Promise<string> {
    const name = `${device.aci}.${device.deviceId} ${id}`;
    const known = this.#distributions.get(name);
    if (known !== undefined) return known;
    const distribution = randomUUID();
    this.#distributions.set(name, distribution);
    const keys = internals(this.#phone).senderKeys.get(ServiceIdKind.ACI);
    if (!keys) throw new Error("The phone has no sender keys");
    // The mock keeps its own key under the address of whom it is for.
    const message = await SenderKeyDistributionMessage.create(device.address, distribution, keys);
    if (!forgetful) await this.send([device], senderKeyContent(Uint8Array.from(message.serialize())));
    return distribution;
  }

  /** The next message to anybody starts a session anew. */
  forgetSessions(): void {
    internals(this.#phone).sessions.sessions.clear();
    this.#started.clear();
  }

  #session(device: Device, kind: Kind): Promise<void> {
    const ofKind = this.#started.get(kind) ?? new WeakMap<Device, Promise<void>>();
    this.#started.set(kind, ofKind);
    const started = ofKind.get(device) ?? this.#start(device, kind);
    ofKind.set(device, started);
    return started;
  }

  async #start(device: Device, kind: Kind): Promise<void> {
    await this.#phone.addSingleUseKey(device, await device.popSingleUseKey(kind), kind);
  }

  /** That the phone's number and account are one person's. */
  async numberProof(): Promise<NumberProof> {
    const secret = await this.#phone.getIdentityKey(ServiceIdKind.PNI);
    const pair = new IdentityKeyPair(secret.getPublicKey(), secret);
    const signature = pair.signAlternateIdentity(this.#phone.getPublicKey(ServiceIdKind.ACI));
    const pni = Pni.parseFromServiceIdString(this.#phone.device.checkedPni).getRawUuidBytes();
    return { pni: Uint8Array.from(pni), signature: Uint8Array.from(signature) };
  }
}
