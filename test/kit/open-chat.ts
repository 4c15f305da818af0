import { askBot } from "../../tools/demo/opt-in.ts";
import type { Json } from "../../tools/matrix/api.ts";
import type { Phone, PhoneItem } from "../../tools/sandbox/control.ts";
import type { NetworkName } from "../../tools/world/networks.ts";
import type { OtherClient, ShownEvent, ShownRoom } from "./other-client.ts";
import type { TestPerson, TestWorld } from "./world.ts";

interface ChatParts<P extends Phone> {
  readonly world: TestWorld;
  readonly person: TestPerson;
  /** The matrix-js-sdk client by which the room is checked. */
  readonly viewer: OtherClient;
  readonly phone: P;
  /** By whom contacts know our person. */
  readonly self: string;
  readonly name: string;
}

interface ContactParts extends Pick<ChatParts<Phone>, "world" | "person" | "viewer" | "name"> {
  readonly network: NetworkName;
}

/** A portal between a person of ours and a contact, seen from both ends. */
export class OpenChat<P extends Phone = Phone> {
  readonly room: string;
  readonly ghost: string;
  readonly first: string;
  readonly #parts: ChatParts<P>;

  private constructor(parts: ChatParts<P>, room: string, ghost: string, first: string) {
    this.#parts = parts;
    this.room = room;
    this.ghost = ghost;
    this.first = first;
  }

  /** A new contact writes first. */
  static async begin({ network, ...parts }: ContactParts): Promise<OpenChat> {
    const phone = await parts.world.contact(network, parts.name);
    return OpenChat.with({ ...parts, phone, self: parts.person.userId });
  }

  /** The contact of this phone writes first. */
  static async with<P extends Phone>(parts: ChatParts<P>): Promise<OpenChat<P>> {
    const { viewer, phone, self, name } = parts;
    const text = `${name} says hello`;
    const first = await phone.says(self, text);
    const found = await viewer.until(`“${text}”`, ({ rooms }) => {
      for (const { id, events } of rooms) {
        const event = events.find(({ content }) => content["body"] === text);
        if (event) return { room: id, ghost: event.sender };
      }
      return undefined;
    });
    return new OpenChat(parts, found.room, found.ghost, first);
  }

  get phone(): P {
    return this.#parts.phone;
  }

  get name(): string {
    return this.#parts.name;
  }

  /** The contact does something for our person. */
  does(verb: string, fields: Json = {}): Promise<string> {
    return this.phone.does(verb, { to: this.#parts.self, ...fields });
  }

  /** Our person writes in the room; answers the event id. */
  say(text: string): Promise<string> {
    return this.#parts.person.client.say(this.room, text);
  }

  send(content: Json, type = "m.room.message"): Promise<string> {
    return this.#parts.person.client.send(this.room, type, content);
  }

  reply(to: string, content: Json): Promise<string> {
    return this.send({ ...content, "m.relates_to": { "m.in_reply_to": { event_id: to } } });
  }

  edit(target: string, text: string): Promise<string> {
    const fresh = { msgtype: "m.text", body: text };
    const relation = { rel_type: "m.replace", event_id: target };
    return this.send({ ...fresh, body: `* ${text}`, "m.new_content": fresh, "m.relates_to": relation });
  }

  react(target: string, key: string): Promise<string> {
    const relation = { rel_type: "m.annotation", event_id: target, key };
    return this.send({ "m.relates_to": relation }, "m.reaction");
  }

  async redact(target: string): Promise<void> {
    const path = `v3/rooms/${encodeURIComponent(this.room)}/redact/${encodeURIComponent(target)}/${target.slice(1, 20)}`;
    await this.#parts.person.client.call("PUT", path, {});
  }

  /** What the phone shows, now or later; `text` items are found by {@link heard}. */
  shows(what: string, matches: (item: PhoneItem) => boolean): Promise<PhoneItem> {
    return this.phone.shows(what, (item) => item.repeat !== true && matches(item));
  }

  /** The item of our person's text on the phone. */
  async heard(text: string): Promise<PhoneItem> {
    return this.shows(`the text "${text}"`, (item) => item.kind === "text" && item.text === text);
  }

  /** Writes and waits until the phone shows it; answers both ids. */
  async said(text: string): Promise<{ readonly event: string; readonly id: string }> {
    const event = await this.say(text);
    return { event, id: (await this.heard(text)).id };
  }

  /** What the room shows, now or later. */
  event(what: string, matches: (event: ShownEvent) => boolean): Promise<ShownEvent> {
    return this.#parts.viewer.event(this.room, what, matches);
  }

  text(body: string): Promise<ShownEvent> {
    return this.event(`“${body}”`, ({ content }) => content["body"] === body);
  }

  /** The bot's notice in this room that matches, as a reply to the given event. */
  notice(words: RegExp, replyTo?: string): Promise<ShownEvent> {
    return this.event(`the bot to say ${String(words)}`, (event) => {
      if (event.sender !== this.#parts.world.botId || event.content["msgtype"] !== "m.notice") return false;
      return (
        words.test(String(event.content["body"])) && (replyTo === undefined || event.replyTo === replyTo)
      );
    });
  }

  until<T>(what: string, find: (room: ShownRoom) => T | undefined | false): Promise<T> {
    return this.#parts.viewer.room(this.room, what, find);
  }

  /** Checks that a message crosses each way, after all that was sent before. */
  async stillWorks(): Promise<ShownRoom> {
    const marker = `marker ${Math.random()}`;
    await this.phone.says(this.#parts.self, marker);
    await this.text(marker);
    await this.said(`answer to ${marker}`);
    return this.until("the room", (room) => room);
  }

  /** Writes to the bot; answers its message that matches. */
  asks(command: string, answer: RegExp): Promise<string> {
    const { person, world } = this.#parts;
    return askBot(person.client, world.botId, person.management, command, answer);
  }
}
