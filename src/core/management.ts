import type { Access } from "./access.ts";
import { BridgeError } from "./errors.ts";
import type { MatrixEvent } from "./events.ts";
import type { Homeserver, MatrixEncoder } from "./homeserver.ts";
import type { EventId, RoomId, UserId } from "./ids.ts";
import { fileOf, type Media } from "./media.ts";
import type { Outbox } from "./outbox.ts";
import type { NewHsOutboxRow } from "./rows.ts";
import type { Store, Writes } from "./store.ts";
import { Turns } from "./turns.ts";
import { keepUntold, linesOf, toldAll, type Untold, untoldTo, withWords } from "./untold.ts";

/** A notice, or a picture to look at. */
export type Answer = string | { readonly png: Uint8Array; readonly name: string };

/**
 * Answers what a person wrote to the bot; each answer becomes a message. A crash before the answers are stored has
 * the same `event` run again.
 */
export interface CommandRunner {
  run(request: CommandRequest): Promise<readonly Answer[]>;
}

interface CommandRequest {
  readonly user: UserId;
  readonly event: EventId;
  readonly text: string;
}

/** Says something to a person in their management room; `also` is committed with it. */
export type Tell = (user: UserId, words: string, also?: (tx: Writes) => void) => Promise<void>;

interface Parts {
  readonly store: Store;
  readonly homeserver: Homeserver;
  readonly encoder: MatrixEncoder;
  readonly outbox: Outbox;
  readonly access: Access;
  readonly commands: CommandRunner;
  readonly botName: string;
}

/** Scope of the records that name rooms whose making is not confirmed yet. */
const MAKING = "management-room";

const nothing = () => {};

const WELCOME =
  "Hello! Through me you can write with people on WhatsApp and Messenger who turned on third-party chats. " +
  "Nothing about you is sent anywhere until you turn a network on. Write “help” to see what I can do, " +
  "or “networks” to see what there is.";

const NOT_JOINED =
  "I could not join a room you invited me to, because the homeserver fails on it. Please write to me here.";

const ENCRYPTED =
  "I cannot read encrypted messages, so I cannot work in this room. " +
  "I have invited you to an unencrypted one; please write to me there.";

/** The direct chat with the bot: made by the person or by the bot, one a person. */
export class Management {
  readonly #parts: Parts;
  readonly #turns = new Turns();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Handles an event outside portals; what it returns is committed together with the event's consumption. */
  async handle(event: MatrixEvent): Promise<(tx: Writes) => void> {
    const { store, homeserver } = this.#parts;
    if (event.kind === "member") {
      if (event.user === homeserver.bot) return this.#botInvited(event);
      return this.#personMoved(event);
    }
    if ((await store.rooms.owner(event.room)) !== event.sender) return this.#adopt(event);
    if (event.kind === "message") return this.#command(event);
    if (event.kind === "encrypted" || event.kind === "encryption-enabled")
      return this.#moveOut(event.room, event.sender);
    return nothing;
  }

  /**
   * Says something to a person in their management room, which is made where there is none. Where none can be made
   * it is said when there is one. `also` is committed with it. Throws only in an outage.
   */
  tell(...[user, words, also = nothing]: Parameters<Tell>): Promise<void> {
    return this.#turns.take(user, () => this.#tell(user, [words], also));
  }

  /** As {@link tell}, of what was to be said in a room that is no more. */
  tellElsewhere(user: UserId, words: readonly string[], also: (tx: Writes) => void): Promise<void> {
    return this.#turns.take(user, async () => {
      const { store } = this.#parts;
      const untold = withWords(await untoldTo(store, user), words);
      const gone = await store.rooms.of(user);
      await store.write((tx) => {
        if (gone !== undefined) tx.rooms.remove(gone);
        keepUntold(tx, user, untold);
        also(tx);
      });
      await this.#tell(user, [], nothing);
    });
  }

  /** The bot could not get into a room it was invited to: the person hears of it where the bot can speak. */
  async notJoined({ sender, user }: Extract<MatrixEvent, { kind: "member" }>): Promise<void> {
    const { homeserver, access } = this.#parts;
    if (user !== homeserver.bot || homeserver.isOurs(sender) || access.levelOf(sender) === "none") return;
    await this.tell(sender, NOT_JOINED);
  }

  async #tell(user: UserId, words: readonly string[], also: (tx: Writes) => void): Promise<void> {
    const { store } = this.#parts;
    const all = withWords(await untoldTo(store, user), words);
    try {
      const room = (await store.rooms.of(user)) ?? (await this.#open(user));
      const say = this.#say(user, room, all);
      await store.write((tx) => {
        say(tx);
        also(tx);
      });
    } catch (error) {
      if (BridgeError.from(error).outage) throw error;
      await store.write((tx) => {
        keepUntold(tx, user, all);
        also(tx);
      });
    }
  }

  #say(user: UserId, room: RoomId, untold: Untold): (tx: Writes) => void {
    const rows = linesOf(untold).map((one) => this.#notice(room, one));
    return (tx) => {
      for (const row of rows) tx.hsOutbox.add(row);
      toldAll(tx, user);
    };
  }

  async #command(event: Extract<MatrixEvent, { kind: "message" }>): Promise<(tx: Writes) => void> {
    const { access, commands } = this.#parts;
    if (access.levelOf(event.sender) === "none") {
      const row = this.#notice(
        event.room,
        "You are not allowed to use this bridge. Ask the administrator of your server.",
      );
      return (tx) => tx.hsOutbox.add(row);
    }
    const text = event.message.parts.map((part) => (part.kind === "text" ? part.body.text : "")).join("\n");
    const answers = await commands.run({ user: event.sender, event: event.id, text });
    const rows: NewHsOutboxRow[] = [];
    for (const answer of answers) {
      rows.push(
        typeof answer === "string"
          ? this.#notice(event.room, answer)
          : await this.#picture(event.room, answer),
      );
    }
    return (tx) => rows.forEach((row) => tx.hsOutbox.add(row));
  }

  async #botInvited(event: Extract<MatrixEvent, { kind: "member" }>): Promise<(tx: Writes) => void> {
    const { homeserver, access, store } = this.#parts;
    if (event.membership !== "invite" || homeserver.isOurs(event.sender)) return nothing;
    if (access.levelOf(event.sender) === "none") {
      await homeserver.leave(homeserver.bot, event.room);
      return nothing;
    }
    await homeserver.join(homeserver.bot, event.room);
    return this.#settle(event.room, event.sender, (await store.rooms.owner(event.room)) === undefined);
  }

  /** Makes a room of two the person's management room. */
  async #settle(room: RoomId, user: UserId, greet: boolean): Promise<(tx: Writes) => void> {
    const { homeserver } = this.#parts;
    const others = (await homeserver.members(room)).filter((member) => member !== homeserver.bot);
    if (others.length > 1) {
      const said = this.#notice(
        room,
        "I work in direct chats only, so I leave this room. Start a chat with me alone and write “help” there.",
      );
      const left = this.#leaving(room);
      return (tx) => {
        tx.hsOutbox.add(said);
        tx.hsOutbox.add(left);
      };
    }
    if (await homeserver.isEncrypted(room)) return this.#moveOut(room, user);
    const row = this.#notice(room, WELCOME);
    const say = this.#say(user, room, await untoldTo(this.#parts.store, user));
    return (tx) => {
      tx.rooms.set(user, room);
      if (greet) tx.hsOutbox.add(row);
      say(tx);
    };
  }

  /** A message in a room of two that the store does not know: the bot was in it before this database was. */
  async #adopt(event: MatrixEvent): Promise<(tx: Writes) => void> {
    const { homeserver, store, access } = this.#parts;
    if (event.kind !== "message" || homeserver.isOurs(event.sender)) return nothing;
    if ((await store.rooms.owner(event.room)) !== undefined) return nothing;
    const members = await this.#membersOf(event.room);
    const between =
      members.length === 2 && members.includes(homeserver.bot) && members.includes(event.sender);
    if (!between || access.levelOf(event.sender) === "none") return nothing;
    const settle = await this.#settle(event.room, event.sender, false);
    const answer = await this.#command(event);
    return (tx) => {
      settle(tx);
      answer(tx);
    };
  }

  /** None where the bot may not look: what is said there is not said to it. */
  async #membersOf(room: RoomId): Promise<readonly UserId[]> {
    try {
      return await this.#parts.homeserver.members(room);
    } catch (error) {
      if (error instanceof BridgeError && (error.reason === "forbidden" || error.reason === "not-found"))
        return [];
      throw error;
    }
  }

  async #personMoved(event: Extract<MatrixEvent, { kind: "member" }>): Promise<(tx: Writes) => void> {
    const gone = event.membership === "leave" || event.membership === "ban";
    if (!gone || (await this.#parts.store.rooms.owner(event.room)) !== event.user) return nothing;
    return (tx) => tx.rooms.remove(event.room);
  }

  async #moveOut(encrypted: RoomId, user: UserId): Promise<(tx: Writes) => void> {
    const { store, homeserver } = this.#parts;
    const current = await store.rooms.of(user);
    const usable = current !== undefined && current !== encrypted && !(await homeserver.isEncrypted(current));
    const room = usable ? current : await this.#turns.take(user, () => this.#open(user));
    const why = this.#notice(encrypted, ENCRYPTED);
    const hello = this.#notice(room, WELCOME);
    return (tx) => {
      tx.rooms.set(user, room);
      if (!tx.told.first(encrypted, ENCRYPTED, why.createdAt)) return;
      tx.hsOutbox.add(why);
      tx.hsOutbox.add(hello);
    };
  }

  async #open(user: UserId): Promise<RoomId> {
    const { homeserver, store, outbox } = this.#parts;
    const key = (await store.records.get(MAKING, user)) ?? outbox.newId();
    await store.write((tx) => tx.records.set(MAKING, user, key));
    const room = await homeserver.createRoom({
      key,
      name: this.#parts.botName,
      topic: "Write “help” to see what the bridge can do.",
      direct: true,
      kind: "management",
      state: [],
    });
    await homeserver.invite(homeserver.bot, user, room, { direct: true });
    await store.write((tx) => {
      tx.rooms.set(user, room);
      tx.records.remove(MAKING, user);
    });
    return room;
  }

  async #picture(room: RoomId, { png, name }: Exclude<Answer, string>): Promise<NewHsOutboxRow> {
    const { homeserver, encoder, outbox } = this.#parts;
    const uri = await homeserver.reserveMedia(homeserver.bot);
    const mimetype = "image/png";
    await homeserver.putMedia(homeserver.bot, uri, fileOf(png), mimetype, name);
    const media: Media = { kind: "image", mimetype, name, source: { at: "homeserver", uri } };
    const [event] = encoder.message({ parts: [{ kind: "media", media }] }, undefined);
    const content = encoder.attach(event?.content ?? {}, media, { uri, size: png.length }, { mimetype });
    return outbox.row(room, homeserver.bot, { type: "m.room.message", content });
  }

  /** Behind what is to be said there before. */
  #leaving(room: RoomId) {
    const { outbox, homeserver } = this.#parts;
    const { bot } = homeserver;
    return outbox.row(
      room,
      bot,
      { type: "m.room.member", content: { membership: "leave" } },
      { stateKey: bot },
    );
  }

  #notice(room: RoomId, words: string) {
    const { outbox, homeserver, encoder } = this.#parts;
    return outbox.row(room, homeserver.bot, encoder.notice(words));
  }
}
