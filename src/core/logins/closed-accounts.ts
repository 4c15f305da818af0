import { BridgeError } from "../model/errors.ts";
import type { NetworkId, RoomId, UserId } from "../model/ids.ts";
import type { Access } from "../ports/access.ts";
import type { Clock } from "../ports/clock.ts";
import type { Puppets } from "../ports/double-puppets.ts";
import type { Homeserver } from "../ports/homeserver.ts";
import { faultOf, type Log } from "../ports/log.ts";
import type { Network } from "../ports/network.ts";
import type { Login } from "../ports/rows.ts";
import type { Store } from "../ports/store.ts";
import type { Erasures } from "./erasures.ts";
import type { Logins } from "./logins.ts";

interface ClosedAccountsParts {
  readonly store: Store;
  readonly homeserver: Homeserver;
  readonly puppets: Puppets;
  readonly networks: ReadonlyMap<NetworkId, Network>;
  readonly logins: Pick<Logins, "disable">;
  readonly erasures: Pick<Erasures, "begin">;
  readonly access: Access;
  readonly clock: Clock;
  readonly log: Log;
  readonly tell: (user: UserId, words: string) => void;
}

/**
 * Milliseconds from somebody's leaving a room to the check; Synapse takes a closed account out of its rooms one by one.
 */
const CHECK_AFTER_LEAVING = 10_000;
const FIRST_CHECK = 300_000;
const DAY = 86_400_000;
/** Milliseconds until the next try where the homeserver did not answer. */
const RETRY_AFTER = 600_000;
/** Milliseconds for which somebody is in no room of ours before the administrators are asked about them. */
const ASK_AFTER = 7 * DAY;
/** The scope of the records of people in no room of ours: since when, or that the administrators were told. */
const ABSENT = "absent";
const TOLD = "told";

/**
 * Takes back people's registrations at networks when their account on the homeserver was closed. Nothing tells the
 * bridge, so it checks: when somebody leaves a room, and every day.
 */
export class ClosedAccounts implements Disposable {
  readonly #parts: ClosedAccountsParts;
  readonly #waiting = new Map<UserId, () => void>();
  #cancel = (): void => {};
  #disposed = false;

  constructor(parts: ClosedAccountsParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#checkAllLater(FIRST_CHECK);
  }

  /** Called when somebody left a room of ours: their account may have been closed. */
  left(user: UserId): void {
    this.#checkLater(user, CHECK_AFTER_LEAVING);
  }

  [Symbol.dispose](): void {
    this.#disposed = true;
    this.#cancel();
    for (const cancel of this.#waiting.values()) cancel();
  }

  #checkAllLater(wait: number): void {
    if (this.#disposed) return;
    this.#cancel = this.#parts.clock.after(wait, () => void this.#checkAll());
  }

  #checkLater(user: UserId, wait: number): void {
    if (this.#disposed) return;
    this.#waiting.get(user)?.();
    const look = (): void => {
      this.#waiting.delete(user);
      void this.#check(user);
    };
    this.#waiting.set(user, this.#parts.clock.after(wait, look));
  }

  /** Checks everybody one by one, to spare the homeserver. */
  async #checkAll(): Promise<void> {
    const { store, log } = this.#parts;
    try {
      const users = new Set((await store.logins.all()).map(({ user }) => user));
      for (const user of users) if (!this.#disposed) await this.#check(user);
    } catch (error) {
      log.warn("accounts could not be looked at", faultOf(error));
    }
    this.#checkAllLater(DAY);
  }

  async #check(user: UserId): Promise<void> {
    const { store, homeserver, log } = this.#parts;
    try {
      const logins = (await store.logins.all()).filter(
        (login) => login.user === user && login.state === "active",
      );
      // Only their own server knows about the people of other servers.
      if (logins.length === 0 || !user.endsWith(`:${homeserver.serverName}`)) return;
      const state = await this.#accountState(user, logins);
      if (state === "closed") await this.#delist(user, logins);
      else if (state === "absent") await this.#noteAbsence(user);
      else if ((await store.records.get(ABSENT, user)) !== undefined) {
        await store.write((tx) => tx.records.remove(ABSENT, user));
      }
    } catch (error) {
      log.warn("an account could not be looked at", faultOf(error));
      this.#checkLater(user, RETRY_AFTER);
    }
  }

  /**
   * `closed` only where that is certain. Without the second registration that is only an erased account: it has no
   * profile, was in a room of ours and is in none.
   */
  async #accountState(user: UserId, logins: readonly Login[]): Promise<"open" | "absent" | "closed"> {
    const { homeserver, puppets } = this.#parts;
    const account = (await puppets.installed()) ? await puppets.account(user) : "unknown";
    if (account === "deactivated") return "closed";
    // A locked account comes back as it was, and receives until then.
    if (account !== "unknown" || !(await this.#isAbsent(user, logins))) return "open";
    const erased = !(await homeserver.hasProfile(user)) && (await homeserver.hasProfile(homeserver.bot));
    return erased ? "closed" : "absent";
  }

  /** Whether the person was in rooms of ours that the bot can look at, and is in none. */
  async #isAbsent(user: UserId, logins: readonly Login[]): Promise<boolean> {
    const { store } = this.#parts;
    const portals = await Promise.all(logins.map(({ id }) => store.portals.ofLogin(id)));
    const rooms = [await store.rooms.of(user), ...portals.flat().map(({ room }) => room)];
    let seen = false;
    for (const room of rooms) {
      const membership = room === undefined ? undefined : await this.#membership(user, room);
      if (membership === "join") return false;
      seen ||= membership !== undefined;
    }
    return seen;
  }

  async #membership(user: UserId, room: RoomId): Promise<unknown> {
    try {
      return (await this.#parts.homeserver.getState(room, "m.room.member", user))?.["membership"];
    } catch (error) {
      if (BridgeError.from(error).shut) return undefined;
      throw error;
    }
  }

  /** Turns the person's networks off, as when they opt out themselves. */
  async #delist(user: UserId, logins: readonly Login[]): Promise<void> {
    const { networks, log, store } = this.#parts;
    for (const login of logins) {
      const network = networks.get(login.network);
      const fields = { user, login: login.id, network: login.network };
      if (!network) {
        log.warn("an account was closed, and its network is not configured any more", fields);
        continue;
      }
      const why =
        "The account of the person in this chat was closed, so the chat is too. Its history stays here.";
      const done = await this.#parts.logins.disable(login, network, why);
      log.warn("an account was closed on the homeserver, so its registration at the network is taken back", {
        ...fields,
        confirmed: done === "done",
      });
      const rest =
        done === "done" ? "" : ` ${network.name} did not confirm it yet; I keep asking until it does.`;
      await this.#tellAdministrators(
        user,
        `The account ${user} was closed on the homeserver. I took its registration at ${network.name} back and deleted its keys.${rest}`,
      );
    }
    // Nobody is left whom the rest could serve (MSC4025).
    await this.#parts.erasures.begin(user);
    await store.write((tx) => tx.records.remove(ABSENT, user));
  }

  async #noteAbsence(user: UserId): Promise<void> {
    const { store, clock, log } = this.#parts;
    const since = await store.records.get(ABSENT, user);
    if (since === TOLD) return;
    if (since === undefined) return store.write((tx) => tx.records.set(ABSENT, user, String(clock.now())));
    if (clock.now() - Number(since) < ASK_AFTER) return;
    log.warn(
      "somebody left all rooms of the bridge, and whether their account was closed cannot be told without the second registration",
      { user },
    );
    await this.#tellAdministrators(
      user,
      `${user} left all my rooms a week ago and is still registered at a network. If the account was closed, write “remove ${user}” to me. With the second registration installed (see “register”) I can tell that myself.`,
    );
    await store.write((tx) => tx.records.set(ABSENT, user, TOLD));
  }

  async #tellAdministrators(about: UserId, words: string): Promise<void> {
    const { store, access, tell } = this.#parts;
    for (const owner of await store.rooms.owners()) {
      if (owner !== about && access.levelOf(owner) === "admin") tell(owner, words);
    }
  }
}
