import { allQuiet, FOR_EVER, type QuietUntil, quietUntil, setQuietUntil } from "../delivery/quiet-until.ts";
import { BridgeError } from "../model/errors.ts";
import type { PortalKey } from "../model/events.ts";
import type { RoomId, UserId } from "../model/ids.ts";
import type { Clock } from "../ports/clock.ts";
import type { Puppets } from "../ports/double-puppets.ts";
import { faultOf, type Log } from "../ports/log.ts";
import type { Login, Portal } from "../ports/rows.ts";
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

interface Quiet extends PortalKey, QuietUntil {
  readonly user: UserId;
}

const textOf = ({ login, chat }: PortalKey): string => `${login} ${chat}`;

/**
 * Keeps chats from notifying their person for a while, in all of their clients; the end comes by itself. The person asks
 * for that here, or mutes the chat on their phone: there is one rule for both, and what was done last counts.
 */
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
    const { store } = this.#parts;
    for (const { id, user } of await store.logins.all()) {
      for (const quiet of await allQuiet(store, id)) {
        this.#wait({ ...quiet, user });
        const room = (await store.portals.byChat(quiet))?.room;
        // The chat got its room just before the bridge ended.
        if (room !== undefined && room !== quiet.room) await this.moved({ ...quiet, room }, user);
      }
    }
  }

  [Symbol.dispose](): void {
    this.#closed = true;
    for (const cancel of this.#waiting.values()) cancel();
  }

  /** Until when a chat is quiet, in milliseconds since the epoch; undefined where it is not. */
  async until(key: PortalKey): Promise<number | undefined> {
    return (await quietUntil(this.#parts.store, key))?.until;
  }

  /** Whether a chat can be kept from notifying its person. */
  async can({ room }: Pick<Portal, "room">): Promise<boolean> {
    return room !== undefined && (await this.#parts.puppets.installed());
  }

  /** @param ms for how long; undefined ends it. Throws BridgeError. */
  set(portal: Portal, user: UserId, ms: number | undefined): Promise<void> {
    return this.#serial.run(textOf(portal), async () => {
      if (ms === undefined) return this.#endNow(portal, user);
      const { room } = portal;
      if (room === undefined || !(await this.can(portal))) throw notHere();
      await this.#begin({ ...keyOf(portal), user, room, until: this.#parts.clock.now() + ms });
    });
  }

  /**
   * The person muted a chat on their phone (`until`: milliseconds since the epoch, undefined for ever), or lifted that.
   * Where the bridge cannot act for them nothing happens. Throws BridgeError.
   */
  phoneMutes(
    portal: PortalKey & { readonly room: RoomId },
    user: UserId,
    { muted, until = FOR_EVER }: { readonly muted: boolean; readonly until?: number | undefined },
  ): Promise<void> {
    return this.#serial.run(textOf(portal), async () => {
      const { puppets, clock } = this.#parts;
      if (!(await puppets.installed())) return;
      if (!muted || until <= clock.now()) return this.#endNow(portal, user);
      await this.#begin({ ...keyOf(portal), user, room: portal.room, until: Math.min(until, FOR_EVER) });
    });
  }

  /** The chat has a room, or another one: what is quiet stays so there. */
  async moved({ login, chat, room }: PortalKey & { readonly room: RoomId }, user: UserId): Promise<void> {
    const { store, puppets, clock, log } = this.#parts;
    const key = { login, chat };
    try {
      await this.#serial.run(textOf(key), async () => {
        const quiet = await quietUntil(store, key);
        if (!quiet || quiet.room === room || !(await puppets.installed())) return;
        const before = { ...key, ...quiet, user };
        if (quiet.until > clock.now()) await this.#begin({ ...before, room });
        if (quiet.room !== undefined) await puppets.setQuiet(user, quiet.room, false);
      });
    } catch (error) {
      log.info("a chat that was quiet is not so in its new room", { room, ...faultOf(error) });
    }
  }

  /**
   * The login is turned off: its chats notify again, as what would end that is deleted with it. What the homeserver does not
   * answer is tried again until the bridge ends.
   */
  async over({ id, user }: Pick<Login, "id" | "user">): Promise<void> {
    const { store, clock, log } = this.#parts;
    for (const found of await allQuiet(store, id)) {
      const quiet = { ...found, user };
      try {
        await this.#serial.run(textOf(quiet), () => this.#end(quiet));
      } catch (error) {
        log.info("a chat is still quiet", { room: quiet.room, ...faultOf(error) });
        this.#wait({ ...quiet, until: clock.now() }, RETRY_AFTER);
      }
    }
  }

  /** Stored first, so that it ends whatever happens. */
  async #begin(quiet: Quiet & { readonly room: RoomId }): Promise<void> {
    const { store, puppets } = this.#parts;
    await store.write((tx) => setQuietUntil(tx, quiet, quiet));
    this.#wait(quiet);
    await puppets.setQuiet(quiet.user, quiet.room, true);
  }

  async #endNow(key: PortalKey, user: UserId): Promise<void> {
    const quiet = await quietUntil(this.#parts.store, key);
    if (quiet) await this.#end({ ...keyOf(key), ...quiet, user });
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
        const now = await quietUntil(this.#parts.store, quiet);
        // It may have been made quiet for longer meanwhile, or its login be turned off.
        if (now === undefined || now.until === quiet.until) await this.#end({ ...quiet, ...now });
      });
    } catch (error) {
      this.#parts.log.info("a chat is still quiet", { room: quiet.room, ...faultOf(error) });
      this.#wait(quiet, RETRY_AFTER);
    }
  }

  async #end(quiet: Quiet): Promise<void> {
    const { store, puppets } = this.#parts;
    if (quiet.room !== undefined) await puppets.setQuiet(quiet.user, quiet.room, false);
    await store.write((tx) => setQuietUntil(tx, quiet, undefined));
    this.#waiting.get(textOf(quiet))?.();
    this.#waiting.delete(textOf(quiet));
  }
}

const keyOf = ({ login, chat }: PortalKey): PortalKey => ({ login, chat });

const notHere = (): BridgeError =>
  new BridgeError("unsupported", {
    words:
      "The bridge cannot act for you on this homeserver, so it cannot keep a chat quiet. Mute the room in your client instead, or ask your administrator for the second registration.",
    certain: true,
  });
