import { BridgeError } from "../model/errors.ts";
import type { PortalKey } from "../model/events.ts";
import type { RoomId, UserId } from "../model/ids.ts";
import type { Clock } from "../ports/clock.ts";
import type { Puppets } from "../ports/double-puppets.ts";
import { faultOf, type Log } from "../ports/log.ts";
import type { Portal } from "../ports/rows.ts";
import type { Store } from "../ports/store.ts";
import { SerialByKey } from "../runtime/serial-by-key.ts";

/** The longest single wait in milliseconds; a later end is waited for in parts. */
const LONGEST_WAIT = 86_400_000;
/** Milliseconds until the next try where the homeserver did not answer. */
const RETRY_AFTER = 60_000;

interface QuietChatsParts {
  readonly store: Store;
  readonly puppets: Pick<Puppets, "installed" | "setQuiet">;
  readonly clock: Pick<Clock, "now" | "after">;
  readonly log: Log;
}

interface Quiet extends PortalKey {
  readonly user: UserId;
  readonly room: RoomId;
  /** Milliseconds since the epoch. */
  readonly until: number;
}

/** The scope of a login's chats that notify nobody for a while; a value is until when, and of which room. */
const scope = (login: PortalKey["login"]): string => `login/${login}/quiet`;
const textOf = ({ login, chat }: PortalKey): string => `${login} ${chat}`;

/** Keeps chats from notifying their person for a while, in all of their clients; the end comes by itself. */
export class QuietChats implements Disposable {
  readonly #parts: QuietChatsParts;
  readonly #serial = new SerialByKey();
  readonly #waiting = new Map<string, () => void>();
  #closed = false;

  constructor(parts: QuietChatsParts) {
    this.#parts = parts;
  }

  /** Waits for the ends of chats that were made quiet before the start. */
  async resume(): Promise<void> {
    for (const login of await this.#parts.store.logins.all()) {
      for (const { name, value } of await this.#parts.store.records.all(scope(login.id))) {
        const key = { login: login.id, chat: name as PortalKey["chat"] };
        this.#wait({ ...key, ...read(value), user: login.user });
      }
    }
  }

  [Symbol.dispose](): void {
    this.#closed = true;
    for (const cancel of this.#waiting.values()) cancel();
  }

  /** Until when a chat is quiet, in milliseconds since the epoch; undefined where it is not. */
  async until({ login, chat }: PortalKey): Promise<number | undefined> {
    const value = await this.#parts.store.records.get(scope(login), chat);
    return value === undefined ? undefined : read(value).until;
  }

  /** Whether a chat can be kept from notifying its person. */
  async can({ room }: Pick<Portal, "room">): Promise<boolean> {
    return room !== undefined && (await this.#parts.puppets.installed());
  }

  /** @param ms for how long; undefined ends it. Throws BridgeError. */
  set(portal: Portal, user: UserId, ms: number | undefined): Promise<void> {
    return this.#serial.run(textOf(portal), async () => {
      const { store, puppets, clock } = this.#parts;
      const { login, chat, room } = portal;
      const before = await store.records.get(scope(login), chat);
      if (ms === undefined) {
        if (before !== undefined) await this.#end({ login, chat, user, ...read(before) });
        return;
      }
      if (room === undefined || !(await this.can(portal))) throw notHere();
      const quiet = { login, chat, user, room, until: clock.now() + ms };
      // Stored first, so that it ends whatever happens.
      await store.write((tx) => tx.records.set(scope(login), chat, `${quiet.until} ${room}`));
      this.#wait(quiet);
      await puppets.setQuiet(user, room, true);
    });
  }

  #wait(quiet: Quiet, least = 0): void {
    const text = textOf(quiet);
    this.#waiting.get(text)?.();
    if (this.#closed) return;
    const { clock } = this.#parts;
    const wait = Math.min(LONGEST_WAIT, Math.max(least, quiet.until - clock.now()));
    this.#waiting.set(
      text,
      clock.after(wait, () => void this.#look(quiet)),
    );
  }

  async #look(quiet: Quiet): Promise<void> {
    if (quiet.until > this.#parts.clock.now()) return this.#wait(quiet);
    try {
      await this.#serial.run(textOf(quiet), async () => {
        // It may have been made quiet for longer meanwhile.
        if ((await this.until(quiet)) === quiet.until) await this.#end(quiet);
      });
    } catch (error) {
      this.#parts.log.info("a chat is still quiet", { room: quiet.room, ...faultOf(error) });
      this.#wait(quiet, RETRY_AFTER);
    }
  }

  async #end(quiet: Quiet): Promise<void> {
    const { store, puppets } = this.#parts;
    await puppets.setQuiet(quiet.user, quiet.room, false);
    await store.write((tx) => tx.records.remove(scope(quiet.login), quiet.chat));
    this.#waiting.get(textOf(quiet))?.();
    this.#waiting.delete(textOf(quiet));
  }
}

function read(value: string): Pick<Quiet, "until" | "room"> {
  const [until = "0", room = ""] = value.split(" ");
  return { until: Number(until), room: room as RoomId };
}

const notHere = (): BridgeError =>
  new BridgeError("unsupported", {
    words:
      "The bridge cannot act for you on this homeserver, so it cannot keep a chat quiet. Mute the room in your client instead, or ask your administrator for the second registration.",
    certain: true,
  });
