import type { Archives } from "../chats/archives.ts";
import { bridgeStateKey } from "../chats/bridge-info.ts";
import { isClosedForNow, setClosedForNow } from "../chats/groups/closed-for-now.ts";
import { contactIn, hasLeft } from "../chats/send-refusal.ts";
import type { Capabilities } from "../model/capabilities.ts";
import type { LoginId, UserId } from "../model/ids.ts";
import type { MatrixEncoder } from "../ports/homeserver.ts";
import { faultOf, type Log } from "../ports/log.ts";
import type { ConnectionState, Ended, Granted, Network } from "../ports/network.ts";
import type { Login, Portal } from "../ports/rows.ts";
import type { Store } from "../ports/store.ts";
import type { OutboxRows } from "../runtime/outbox-rows.ts";
import { SerialByKey } from "../runtime/serial-by-key.ts";
import type { NetworkWatch } from "./network-watch.ts";
import type { OutageNotices } from "./outage-notices.ts";

interface ConnectionEventsParts {
  readonly store: Store;
  readonly bot: UserId;
  readonly encoder: MatrixEncoder;
  readonly outbox: OutboxRows;
  readonly archives: Archives;
  readonly log: Log;
  readonly tell: (user: UserId, words: string) => void;
  /** Lets messages go that waited for the login's connection. */
  readonly resumeLanes: (login: Login) => void;
  readonly watch: Pick<NetworkWatch, "state">;
  readonly outages: Pick<OutageNotices, "state">;
}

type Act = Parameters<Store["write"]>[0];

/** The scope of the features that each room last advertised. */
const ADVERTISED = "advertised";

/** Handles what a connection reports of itself and of the network, with the consequences for its rooms. */
export class ConnectionEvents {
  readonly #parts: ConnectionEventsParts;
  /** Runs what a network grants its logins one after the other, so that the last holds, and shared rooms close once. */
  readonly #serial = new SerialByKey();

  constructor(parts: ConnectionEventsParts) {
    this.#parts = parts;
  }

  state(login: Login, network: Network, state: ConnectionState): void {
    const { log, resumeLanes, watch, outages } = this.#parts;
    log.debug("a connection changed", { login: login.id, network: network.id, state: state.kind });
    if (state.kind === "connected") resumeLanes(login);
    watch.state(login.id, network, state);
    outages.state(login, network, state);
  }

  capabilities(login: Login, granted: Granted): void {
    this.#serial
      .run(login.network, () => this.#advertiseAll(login, granted))
      .catch((error: unknown) =>
        this.#parts.log.error("rooms do not say what they can be used for", faultOf(error)),
      );
  }

  async ended(login: Login, network: Network, { kind, words }: Ended): Promise<void> {
    const later = kind === "withdrawn" ? " If it comes back, the chat goes on in this room." : "";
    const why = `This chat is closed: ${words} Its history stays here.${later}`;
    const forNow = kind === "withdrawn";
    await this.#each(login, async (portal) => this.#parts.archives.close(portal, why, forNow));
    // The other kinds are told of by the refused connection.
    if (forNow) this.#parts.tell(login.user, `${network.name}: ${words}`);
  }

  async resumed(login: Login, network: Network): Promise<void> {
    await this.#each(login, (portal) =>
      this.#reopening(portal, `${network.name} is back: you can write here again.`),
    );
  }

  /** The writes that reopen the chats of a login whose account is linked again. */
  async linkedAgain(login: LoginId, network: Network): Promise<Act> {
    const portals = await this.#parts.store.portals.ofLogin(login);
    const why = `${network.name} is linked again: you can write here.`;
    const records = await Promise.all(portals.map((portal) => this.#reopening(portal, why)));
    return (tx) => {
      for (const record of records) record?.(tx);
    };
  }

  /** A contact who is gone, or a group that our person left, does not come back with the network. */
  async #reopening(portal: Portal, why: string, isGranted = false): Promise<Act | undefined> {
    const { store, archives } = this.#parts;
    if (!isGranted && (await isClosedForNow(store, portal))) return undefined;
    const contact = await contactIn(store, portal);
    const isOver = contact?.reachability === "gone" || (await hasLeft(store, portal));
    return isOver ? undefined : archives.reopen(portal, why);
  }

  /** One login of a network after another, by which a room that they share is closed with the last of them. */
  #each(login: Login, act: (portal: Portal) => Promise<Act | undefined>): Promise<void> {
    const { store } = this.#parts;
    return this.#serial.run(login.network, async () => {
      for (const portal of await store.portals.ofLogin(login.id)) {
        const record = await act(portal);
        if (record) await store.write(record);
      }
    });
  }

  async #advertiseAll(login: Login, granted: Granted): Promise<void> {
    for (const portal of await this.#parts.store.portals.ofLogin(login.id)) {
      const there = granted(portal.chat);
      await this.#advertise(portal, there);
      await this.#openOrClose(portal, there.closed);
    }
  }

  /** Closes the room of a chat in which nothing can be written now, and opens it again when that is over. */
  async #openOrClose(portal: Portal, why: string | undefined): Promise<void> {
    const { store, archives } = this.#parts;
    const isClosed = await isClosedForNow(store, portal);
    if (why !== undefined) {
      if (isClosed || portal.room === undefined || portal.state === "archived") return;
      const close = await archives.close(portal, why, true);
      return store.write((tx) => {
        setClosedForNow(tx, portal, true);
        close(tx);
      });
    }
    if (!isClosed) return;
    const open = await this.#reopening(portal, "This chat is open again: you can write here.", true);
    await store.write((tx) => {
      setClosedForNow(tx, portal, false);
      open?.(tx);
    });
  }

  /** Advertises what a room can be used for (`com.beeper.room_features`), once for each change. */
  async #advertise({ room, network, chat, kind }: Portal, granted: Capabilities): Promise<void> {
    const { store, encoder, outbox, bot } = this.#parts;
    const features = encoder.roomFeatures(granted, kind);
    const text = JSON.stringify(features.content);
    if (room === undefined || (await store.records.get(ADVERTISED, room)) === text) return;
    const row = outbox.row(room, bot, features, { stateKey: bridgeStateKey(network, chat) });
    await store.write((tx) => {
      tx.matrixOutbox.add(row);
      tx.records.set(ADVERTISED, room, text);
    });
  }
}
