import { Aci } from "@signalapp/libsignal-client";
import type { Device, PrimaryDevice, Proto } from "@signalapp/mock-server";
import {
  callContent,
  type DataMessage,
  dataContent,
  deletedContent,
  editContent,
  quoteOf,
  type RequestAnswer,
  reactionTo,
  readContent,
  receiptContent,
  requestAnswerContent,
  sentContent,
  storageChangedContent,
  storyContent,
  typingContent,
} from "./contents.ts";
import type { FileHost, PlainFile } from "./file-host.ts";
import { type Heard, Journal } from "./journal.ts";
import { type StoredContact, storeContact, storedContact } from "./phone-book.ts";
import { listen } from "./phone-listener.ts";
import { PhoneOutbox, type Sending, type Sent } from "./phone-outbox.ts";
import type { PlayedServer } from "./played-server.ts";

/** Names a message: who wrote it and when, in milliseconds since the epoch. */
export interface MessageRef {
  readonly author: Person;
  readonly timestamp: number;
  /** What a reply shows of it. */
  readonly text?: string;
}

/** `data`: more fields of the message, as Signal's protobufs have them. */
export type Saying = Sending & { readonly data?: DataMessage };

interface PersonParts {
  readonly server: PlayedServer;
  readonly phone: PrimaryDevice;
  readonly name: string;
  readonly files: FileHost;
}

/** Somebody with Signal on a phone, which is played here. */
export class Person {
  readonly name: string;
  readonly phone: PrimaryDevice;
  readonly journal = new Journal();
  readonly #server: PlayedServer;
  readonly outbox: PhoneOutbox;
  readonly #files: FileHost;

  constructor({ server, phone, name, files }: PersonParts) {
    this.#server = server;
    this.#files = files;
    this.outbox = new PhoneOutbox(server, phone);
    this.phone = phone;
    this.name = name;
    listen(phone, (heard) => this.journal.add(heard));
  }

  get aci(): string {
    return this.phone.device.aci;
  }

  /** As `PNI:<uuid>`. */
  get pni(): string {
    return this.phone.device.checkedPni;
  }

  /** E.164; empty for an account without one. */
  get number(): string {
    return this.phone.device.number ?? "";
  }

  get linkedDevices(): readonly Device[] {
    return this.phone.secondaryDevices;
  }

  /** Scans a QR code and says yes. Resolves when the device has handed in one-time keys of both identities. */
  scans(qr: string): Promise<Device> {
    return this.#server.link(this.phone, qr);
  }

  says(to: Person, body: string, { data, ...sending }: Saying = {}): Promise<Sent> {
    return this.sends(to, { body, ...data }, sending);
  }

  /** Sends a message with these fields. */
  sends(to: Person, fields: DataMessage, sending: Sending = {}): Promise<Sent> {
    const timestamp = sending.timestamp ?? this.outbox.next();
    return this.#deliver(to, dataContent(this.message(fields, timestamp)), { ...sending, timestamp });
  }

  edits(to: Person, target: number, body: string, { data, ...sending }: Saying = {}): Promise<Sent> {
    const timestamp = sending.timestamp ?? this.outbox.next();
    const message = this.message({ body, ...data }, timestamp);
    return this.#deliver(to, editContent(target, message), { ...sending, timestamp });
  }

  deletes(to: Person, target: number, sending: Sending = {}): Promise<Sent> {
    return this.sends(to, { delete: { targetSentTimestamp: BigInt(target) } }, sending);
  }

  /** `remove` takes back the reaction that has this emoji. */
  reacts(
    to: Person,
    target: MessageRef,
    emoji: string,
    remove = false,
    sending: Sending = {},
  ): Promise<Sent> {
    return this.sends(to, { reaction: this.#reaction(target, emoji, remove) }, sending);
  }

  replies(to: Person, target: MessageRef, body: string, { data, ...sending }: Saying = {}): Promise<Sent> {
    return this.sends(to, { body, quote: quote(target), ...data }, sending);
  }

  /** Sends files in one message; `body` in its options' data is their caption. */
  async sendsFiles(
    to: Person,
    files: readonly PlainFile[],
    { data, ...sending }: Saying = {},
  ): Promise<Sent> {
    return this.sends(to, { attachments: await this.brings(files), ...data }, sending);
  }

  async sendsSticker(to: Person, file: PlainFile): Promise<Sent> {
    const [data = null] = await this.brings([file]);
    const [packId, packKey] = [new Uint8Array(16), new Uint8Array(32)];
    return this.sends(to, { sticker: { packId, packKey, stickerId: 1, emoji: "🐈", data } });
  }

  /** A file of a message that this phone was sent. Throws where it is not what the message says. */
  file(pointer: Proto.AttachmentPointer): Promise<Uint8Array> {
    return this.#files.fetch(pointer);
  }

  /** `groupId`: in a group. */
  types(to: Person, started = true, groupId: Uint8Array<ArrayBuffer> | null = null): Promise<Sent> {
    const timestamp = this.outbox.next();
    return this.#deliver(to, typingContent(timestamp, started, groupId), { timestamp });
  }

  calls(to: Person): Promise<Sent> {
    return this.#deliver(to, callContent(BigInt(this.outbox.next())));
  }

  postsStory(to: Person): Promise<Sent> {
    return this.#deliver(to, storyContent());
  }

  delivers(to: Person, ...timestamps: readonly number[]): Promise<Sent> {
    return this.#deliver(to, receiptContent("delivered", timestamps));
  }

  reads(to: Person, ...timestamps: readonly number[]): Promise<Sent> {
    return this.#deliver(to, receiptContent("read", timestamps));
  }

  /** Writes with the person's own phone: it reaches the other, and the person's linked devices are told. */
  async writesFromPhone(to: Person, body: string, { data, ...sending }: Saying = {}): Promise<Sent> {
    return this.#sendsFromPhone(to, { body, ...data }, sending);
  }

  repliesFromPhone(to: Person, target: MessageRef, body: string, data: DataMessage = {}): Promise<Sent> {
    return this.#sendsFromPhone(to, { body, quote: quote(target), ...data });
  }

  async sendsFilesFromPhone(
    to: Person,
    files: readonly PlainFile[],
    { data, ...sending }: Saying = {},
  ): Promise<Sent> {
    return this.#sendsFromPhone(to, { attachments: await this.brings(files), ...data }, sending);
  }

  editsFromPhone(to: Person, target: number, body: string): Promise<Sent> {
    return this.#sendsFromPhone(to, { body }, {}, target);
  }

  deletesFromPhone(to: Person, target: number): Promise<Sent> {
    return this.#sendsFromPhone(to, { delete: { targetSentTimestamp: BigInt(target) } });
  }

  reactsFromPhone(to: Person, target: MessageRef, emoji: string, remove = false): Promise<Sent> {
    return this.#sendsFromPhone(to, { reaction: this.#reaction(target, emoji, remove) });
  }

  readsOnPhone(...messages: readonly MessageRef[]): Promise<Sent> {
    const read = messages.map(({ author, timestamp }) => ({ author: raw(author), timestamp }));
    return this.outbox.send(this.linkedDevices, readContent(read), { sealed: false });
  }

  /** Answers a message request on the person's own phone. */
  answersRequest(from: Person, answer: RequestAnswer): Promise<Sent> {
    return this.outbox.send(this.linkedDevices, requestAnswerContent(raw(from), answer), { sealed: false });
  }

  /** Writes something of a contact into what the account stores, and tells the linked devices that it changed. */
  async stores(contact: Person, fields: StoredContact): Promise<Sent> {
    await storeContact(this.phone, contact.phone, fields);
    return this.tellsDevices(storageChangedContent());
  }

  /** What the account stores of a contact, whichever device wrote it. */
  stored(contact: Person): Promise<Proto.ContactRecord.Params | undefined> {
    return storedContact(this.phone, contact.phone);
  }

  blocks(contact: Person, blocked = true): Promise<Sent> {
    return this.stores(contact, { blocked, whitelisted: !blocked });
  }

  /** Takes a username, as `name.12`. */
  async takesUsername(username: string): Promise<void> {
    await this.#server.setUsername(this.phone.device.aci, username);
  }

  /** Deletes messages for the person alone, on the phone. */
  deletesForSelf(chat: Person, ...messages: readonly MessageRef[]): Promise<Sent> {
    const targets = messages.map(({ author, timestamp }) => ({ author: raw(author), timestamp }));
    return this.tellsDevices(deletedContent(raw(chat), targets));
  }

  /** Tells the person's linked devices anything. */
  tellsDevices(content: Proto.Content.Params): Promise<Sent> {
    return this.outbox.send(this.linkedDevices, content, { sealed: false });
  }

  changesNumber(): Promise<void> {
    return this.#server.changeNumber(this.phone);
  }

  /** Removes a linked device on the phone. */
  unlinks({ deviceId }: Device): Promise<void> {
    return this.#server.removeDevice(this.phone.device.aci, deviceId);
  }

  /** One more device, which says nothing and which senders have to reckon with. */
  secondDevice(): Promise<Device> {
    return this.#server.createSecondaryDevice(this.phone);
  }

  /** The phone is a new one: it has no sessions with anybody. */
  forgetsSessions(): void {
    this.outbox.forgetSessions();
  }

  /** Waits until this phone has a text or an edit with it, sent before or after this call. */
  hears(text: string, options?: { readonly since?: number; readonly seconds?: number }): Promise<Heard> {
    return this.journal.find(`the text "${text}"`, (heard) => textOf(heard) === text, options);
  }

  /** Brings files to Signal's host; answers what a message says of each. */
  readonly brings = (files: readonly PlainFile[]) => Promise.all(files.map((file) => this.#files.put(file)));

  #deliver(to: Person, content: Proto.Content.Params, sending: Sending = {}): Promise<Sent> {
    return this.outbox.send([to.phone.device, ...to.linkedDevices], content, sending);
  }

  async #sendsFromPhone(
    to: Person,
    fields: DataMessage,
    sending: Sending = {},
    editOf?: number,
  ): Promise<Sent> {
    const timestamp = sending.timestamp ?? this.outbox.next();
    const message = this.message(fields, timestamp);
    const content = editOf === undefined ? dataContent(message) : editContent(editOf, message);
    if (to !== this) await this.#deliver(to, content, { ...sending, timestamp });
    const to17 = Aci.parseFromServiceIdString(to.aci).getServiceIdBinary();
    const transcript = sentContent(Uint8Array.from(to17), timestamp, { message, editOf });
    return this.outbox.send(this.linkedDevices, transcript, { timestamp, sealed: false });
  }

  /** The fields of a message as this phone sends it. */
  message(fields: DataMessage, timestamp: number): DataMessage {
    const profileKey = Uint8Array.from(this.phone.profileKey.serialize());
    return { timestamp: BigInt(timestamp), profileKey, ...fields };
  }

  #reaction({ author, timestamp }: MessageRef, emoji: string, remove: boolean) {
    return reactionTo(raw(author), timestamp, emoji, remove);
  }
}

const raw = ({ aci }: Person): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(Aci.parseFromServiceIdString(aci).getRawUuidBytes());

const quote = ({ author, timestamp, text = "" }: MessageRef) => quoteOf(raw(author), timestamp, text);

/** The text of a message, or of an edit of one. */
export const textOf = ({ content }: Heard): string | undefined => {
  const { dataMessage, editMessage } = content?.content ?? {};
  return (dataMessage ?? editMessage?.dataMessage)?.body ?? undefined;
};
