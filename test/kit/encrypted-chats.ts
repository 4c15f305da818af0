import { expect } from "@jest/globals";
import { placeOf } from "../../src/matrix/crypto/message-index.ts";
import type { RoomEvent } from "../../tools/matrix/sync-response.ts";
import type { Phone } from "../../tools/sandbox/control.ts";
import type { CryptoClient } from "./crypto-client.ts";
import type { TestPerson, TestWorld } from "./world.ts";

/** A person of ours with a client that encrypts. */
export interface EncryptedPerson {
  readonly world: TestWorld;
  readonly person: TestPerson;
  readonly client: CryptoClient;
}

/** An encrypted chat between a person of ours and a contact, with what either has said, in order. */
export class EncryptedChat {
  readonly room: string;
  readonly phone: Phone;
  readonly #parts: EncryptedPerson;
  readonly #ghost: string;
  readonly #said: { readonly there: string[]; readonly here: string[] };

  private constructor(
    parts: EncryptedPerson,
    phone: Phone,
    first: { readonly room: string; readonly sender: string; readonly text: string },
  ) {
    this.#parts = parts;
    this.phone = phone;
    this.room = first.room;
    this.#ghost = first.sender;
    this.#said = { there: [first.text], here: [] };
  }

  /** A new contact writes, which makes the room; `around` is what goes on meanwhile. */
  static async begin(
    parts: EncryptedPerson,
    name: string,
    around: (act: () => Promise<void>) => Promise<void> = (act) => act(),
  ): Promise<EncryptedChat> {
    const { world, person, client } = parts;
    const phone = await world.contact("whatsapp", name);
    const text = `${name} says hello`;
    await around(async () => void (await phone.says(person.userId, text)));
    const { room, sender } = await client.shows(text, ({ content }) => content["body"] === text, 60);
    return new EncryptedChat(parts, phone, { room, sender, text });
  }

  /** The contact writes. */
  async hears(text: string): Promise<void> {
    this.#said.there.push(text);
    await this.phone.saysUntilTaken(this.#parts.person.userId, text);
  }

  /** Our person writes. */
  async says(text: string): Promise<void> {
    this.#said.here.push(text);
    await this.#parts.client.send(this.room, { msgtype: "m.text", body: text });
  }

  /** Waits for all that was said. */
  async arrives(seconds = 60): Promise<void> {
    const { here, there } = this.#said;
    const last = there.at(-1);
    await this.#parts.client.shows(
      `“${last}” in the room`,
      ({ room, sender, content }) => room === this.room && sender === this.#ghost && content["body"] === last,
      seconds,
    );
    const said = here.at(-1);
    if (said !== undefined) await this.phone.hears(said, { seconds });
  }

  /** That all was said at the other end, once, in order, readable and encrypted, and no place of a session used twice. */
  async judge(): Promise<void> {
    const { person, client } = this.#parts;
    const { items } = await this.phone.inbox();
    const heard = items.filter(({ kind, repeat }) => kind === "text" && repeat !== true);
    expect(heard.map(({ text }) => text)).toEqual(this.#said.here);
    const history = await person.client.history(this.room);
    const shown = new Map(client.events.map((event) => [event.id, event]));
    const theirs = history.filter(
      ({ sender, type }) =>
        sender === this.#ghost && (type === "m.room.encrypted" || type === "m.room.message"),
    );
    const read = theirs.map(({ id }) => shown.get(id));
    expect(read.map((event) => event?.content["body"])).toEqual(this.#said.there);
    const encryption = history.findIndex(({ type }) => type === "m.room.encryption");
    const since = new Set(history.slice(encryption).map(({ id }) => id));
    for (const event of read.filter((one) => since.has(one?.id ?? "")))
      expect(event).toMatchObject({ encrypted: true, failure: null, shield: 0 });
    const places = history.flatMap(placesIn);
    expect(places.length - new Set(places).size).toBe(0);
    const others = history.filter(
      ({ sender, type }) =>
        sender !== this.#ghost &&
        sender !== person.userId &&
        (type === "m.room.message" || type === "m.room.encrypted"),
    );
    const told = others.map(({ id }) => String(shown.get(id)?.content["body"]));
    expect(told.filter((words) => !words.startsWith("This room is encrypted from now on"))).toEqual([]);
  }
}

function placesIn({ type, sender, content }: RoomEvent): readonly string[] {
  const place = type === "m.room.encrypted" ? placeOf(content) : undefined;
  return place ? [`${sender} ${place.session} ${place.position}`] : [];
}
