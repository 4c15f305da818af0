import { commandTarget } from "../chats/command-target.ts";
import { BLOCKING, IGNORED } from "../delivery/ignored-contacts.ts";
import { BridgeError } from "../model/errors.ts";
import type { NetworkId, PersonId, UserId } from "../model/ids.ts";
import type { Clock } from "../ports/clock.ts";
import type { Puppets } from "../ports/double-puppets.ts";
import type { Homeserver } from "../ports/homeserver.ts";
import { faultOf, type Log } from "../ports/log.ts";
import type { Network } from "../ports/network.ts";
import type { DirectPortal, Ghost, Login } from "../ports/rows.ts";
import type { Store } from "../ports/store.ts";
import type { Tell } from "../runtime/tell.ts";
import type { ContactActs } from "./contact-acts.ts";

/** Milliseconds between two looks at people's lists: nothing tells the bridge that one has changed. */
const LOOK_EVERY = 30_000;

interface IgnoreListsParts {
  readonly store: Store;
  readonly homeserver: Pick<Homeserver, "isOurs" | "serverName">;
  readonly networks: ReadonlyMap<NetworkId, Network>;
  readonly puppets: Pick<Puppets, "installed" | "ignoredUsers">;
  readonly contactActs: Pick<ContactActs, "can" | "setBlocked">;
  readonly tell: Tell;
  readonly clock: Pick<Clock, "after">;
  readonly log: Log;
}

/** Blocks at the network whom a person ignores in their client, and lifts that when they ignore them no more. */
export class IgnoreLists implements Disposable {
  readonly #parts: IgnoreListsParts;
  #cancel = (): void => {};
  #disposed = false;

  constructor(parts: IgnoreListsParts) {
    this.#parts = parts;
  }

  start(): void {
    if (!this.#disposed) this.#cancel = this.#parts.clock.after(LOOK_EVERY, () => void this.#lookAtAll());
  }

  [Symbol.dispose](): void {
    this.#disposed = true;
    this.#cancel();
  }

  async #lookAtAll(): Promise<void> {
    const { store, homeserver, puppets, log } = this.#parts;
    try {
      if (await puppets.installed()) {
        const active = (await store.logins.all()).filter(({ state }) => state === "active");
        for (const [user, logins] of Map.groupBy(active, (login) => login.user))
          if (!this.#disposed && user.endsWith(`:${homeserver.serverName}`))
            await this.#tried(() => this.#lookAt(user, logins));
      }
    } catch (error) {
      log.info("people's ignore lists could not be looked at", faultOf(error));
    }
    this.start();
  }

  async #lookAt(user: UserId, logins: readonly Login[]): Promise<void> {
    const { store, homeserver, puppets } = this.#parts;
    const ignored: Ghost[] = [];
    for (const other of await puppets.ignoredUsers(user)) {
      const ghost = homeserver.isOurs(other) ? await store.ghosts.byUser(other) : undefined;
      if (ghost) ignored.push(ghost);
    }
    for (const login of logins) {
      const known = new Map(
        (await store.records.all(IGNORED(login.id))).map(({ name, value }) => [name, value]),
      );
      const now = ignored.filter(({ network }) => network === login.network);
      for (const ghost of now)
        if ((known.get(ghost.person) ?? BLOCKING) === BLOCKING)
          await this.#tried(() => this.#block(login, ghost, known.has(ghost.person)));
      const people = new Set<string>(now.map(({ person }) => person));
      for (const [person, value] of known)
        if (!people.has(person)) await this.#tried(() => this.#lift(login, person as PersonId, value));
    }
  }

  /** What fails is tried at the next look, and holds up nobody else's. */
  async #tried(act: () => Promise<void>): Promise<void> {
    try {
      await act();
    } catch (error) {
      if (BridgeError.from(error).reason === "stopping") throw error;
      this.#parts.log.info(
        "whom a person ignores could not be read, not be blocked, or not be let in again",
        faultOf(error),
      );
    }
  }

  async #block(login: Login, { person, name }: Ghost, begun: boolean): Promise<void> {
    const { store, contactActs, tell } = this.#parts;
    const about = await this.#chatWith(login, person);
    if (!about) return;
    const scope = IGNORED(login.id);
    // Whom they blocked before stays blocked when they are ignored no more.
    if (!begun && (await store.contacts.get(login.id, person))?.blocked === true)
      return store.write((tx) => tx.records.set(scope, person, "blocked before"));
    // Looked at again when the login is connected; a network without blocks has none for a client either.
    if (!contactActs.can(about.portal).block) return;
    // Noted first: a block that a crash leaves unsaid is not taken for the person's own.
    await store.write((tx) => tx.records.set(scope, person, BLOCKING));
    await contactActs.setBlocked(about, true, "ignored");
    const target = await commandTarget(store, about.portal);
    const words = `You ignore ${name} in your client, so they are blocked on ${about.network.name} too. That ends when you ignore them no more, or with “unblock ${target}”.`;
    await tell(login.user, words, (tx) => tx.records.set(scope, person, "blocked"));
  }

  async #lift(login: Login, person: PersonId, value: string): Promise<void> {
    const { store, contactActs, tell } = this.#parts;
    const about = await this.#chatWith(login, person);
    const forget = (): Promise<void> => store.write((tx) => tx.records.remove(IGNORED(login.id), person));
    const isBlocked = (await store.contacts.get(login.id, person))?.blocked === true;
    if (!about || (value !== "blocked" && value !== BLOCKING) || !isBlocked) return forget();
    if (!contactActs.can(about.portal).block) return;
    await contactActs.setBlocked(about, false, "ignored");
    const name = (await store.ghosts.byPerson(login.network, person))?.name ?? "They";
    await tell(
      login.user,
      `You ignore ${name} no more, so the block on ${about.network.name} is lifted.`,
      (tx) => tx.records.remove(IGNORED(login.id), person),
    );
  }

  async #chatWith(login: Login, person: PersonId) {
    const { store, networks } = this.#parts;
    const network = networks.get(login.network);
    const portals = await store.portals.ofPerson(login.network, person);
    const portal = portals.find(
      (one): one is DirectPortal => one.kind === "direct" && one.login === login.id,
    );
    return network && portal && { network, portal };
  }
}
