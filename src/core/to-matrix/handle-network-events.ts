import type { Archives } from "../chats/archives.ts";
import { commandTarget } from "../chats/command-target.ts";
import type { Ghosts } from "../chats/ghosts.ts";
import { incomplete, type OpenPortal, type Portals } from "../chats/portals.ts";
import type { PortalKey, RemoteEvent } from "../model/events.ts";
import type { LoginId, MessageId, NetworkId } from "../model/ids.ts";
import { cleanName } from "../model/names.ts";
import type { Clock } from "../ports/clock.ts";
import type { Homeserver, MatrixEncoder } from "../ports/homeserver.ts";
import type { Log } from "../ports/log.ts";
import type { Metrics } from "../ports/metrics.ts";
import type { Network } from "../ports/network.ts";
import type { DamagedNetworkInboxRow, Login, NetworkInboxRow } from "../ports/rows.ts";
import type { Scheduler } from "../ports/scheduler.ts";
import type { Store, Writes } from "../ports/store.ts";
import type { Batch } from "../runtime/batch.ts";
import type { Step } from "../runtime/lanes.ts";
import type { Outbox } from "../runtime/outbox-rows.ts";
import { type GivenUp, UNREADABLE } from "../runtime/put-aside.ts";
import type { Tell } from "../runtime/tell.ts";
import { drain, type Queue, usually } from "../runtime/tries.ts";
import { convertNetworkEvent } from "./convert-network-event.ts";
import type { NetworkEventContext } from "./event-context.ts";
import { aboutMessage, historyOf, targetIn } from "./message-history.ts";
import { toldTogether } from "./told-together.ts";

const BATCH = 50;
/** What was done to messages that never came is told one by one so often in a batch, and the rest together. */
const MOST_TOLD = 3;
const ROOM_MAKERS: ReadonlySet<RemoteEvent["kind"]> = new Set([
  "message",
  "undecryptable",
  "unsupported",
  "excluded",
  "call",
]);
/** Kinds that change what the later ones of a batch are judged by. */
const TURNS: ReadonlySet<RemoteEvent["kind"]> = new Set(["reachability", "identity-changed", "excluded"]);
/** Tries after which a message that fails for no reason outside itself is put aside. */
const TRIES = 5;

interface HandleNetworkEventsParts {
  readonly store: Store;
  readonly homeserver: Homeserver;
  readonly encoder: MatrixEncoder;
  readonly outbox: Outbox;
  readonly archives: Archives;
  readonly portals: Portals;
  readonly ghosts: Ghosts;
  readonly networks: ReadonlyMap<string, Network>;
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly networkOf: (login: LoginId) => NetworkId | undefined;
  /** Something was set aside until the message it refers to is there. */
  readonly parked: () => void;
  /** In their management room. */
  readonly tell: Tell;
}

/** Turns what a network brought into rows for the homeserver, in the order it came. One step of a chat's lane. */
export function handleNetworkEvents(parts: HandleNetworkEventsParts): (key: PortalKey) => Promise<Step> {
  const { store } = parts;
  return drain(parts, networkInbox(parts), async (key, batch) => {
    const login = await store.logins.get(key.login);
    if (!login) {
      await store.write((tx) => batch.rows.forEach((row) => tx.networkInbox.finish(row.seq)));
      return "more";
    }
    const network = parts.networks.get(login.network);
    // It was taken out of the configuration; what came before that is shown when it is put back.
    if (!network) return "idle";
    return convert(parts, batch, login, network);
  });
}

async function convert(
  parts: HandleNetworkEventsParts,
  batch: Batch<NetworkInboxRow>,
  login: Login,
  network: Network,
): Promise<Step> {
  const scenes = new EventContexts(parts, login, network);
  batch.guard(scenes.stand);
  const untold: NetworkInboxRow[] = [];
  let told = 0;
  for (const taken of batch) {
    await parts.scheduler.yield();
    // Its deletion was before it, and must be known by then.
    if (untold.some(({ event }) => targetIn(event) === taken.event.id)) {
      const rows = untold.splice(0);
      batch.add(await toldTogether(parts, rows), ...rows);
      if (!(await batch.flush())) return "more";
    }
    const row = { ...taken, event: await aboutMessage(parts.store, network, taken) };
    const scene = await scenes.of(row);
    const missing = missingTo(row.event, scene);
    if (missing !== undefined && !row.overdue) {
      batch.add((tx) => tx.networkInbox.park(row.seq, missing), taken);
      parts.parked();
      continue;
    }
    if (missing !== undefined && row.event.kind !== "edit" && ++told > MOST_TOLD) {
      untold.push(taken);
      continue;
    }
    const record = scene ? convertNetworkEvent(row.event, scene) : withoutRoom(row.event, login);
    batch.add((tx) => {
      record(tx);
      tx.networkInbox.finish(row.seq);
    }, taken);
    const turned = TURNS.has(row.event.kind);
    // What refers to an earlier message of the batch must find it.
    if (!turned && !refersBack(batch.rows)) continue;
    if (!(await batch.flush())) return "more";
    if (turned) scenes.forget();
  }
  if (untold.length > 0) batch.add(await toldTogether(parts, untold), ...untold);
  return "more";
}

/** The message an event cannot do without, where it is not in the room nor on its way there. */
function missingTo(event: RemoteEvent, scene: NetworkEventContext | undefined): MessageId | undefined {
  const refers = event.kind === "edit" || event.kind === "delete" || event.kind === "reaction";
  const known = scene !== undefined && (scene.deleted || scene.targets.length > 0);
  return refers && !known ? event.target : undefined;
}

const refersBack = (rows: readonly NetworkInboxRow[]): boolean =>
  rows.some(({ event }) => targetIn(event) !== undefined);

/** What is learnt of a contact before there is a room to tell it in. */
function withoutRoom(event: RemoteEvent, login: Login): (tx: Writes) => void {
  return (tx) => {
    if (event.kind !== "reachability") return;
    tx.contacts.setReachability(login.id, event.sender, event.chat, event.state);
  };
}

function networkInbox(
  parts: HandleNetworkEventsParts,
): Queue<PortalKey, NetworkInboxRow, DamagedNetworkInboxRow> {
  const { networkInbox: reads } = parts.store;
  return {
    ...usually,
    direction: "to-matrix",
    batch: BATCH,
    tries: TRIES,
    next: (...asked) => reads.next(...asked),
    damaged: (...asked) => reads.damaged(...asked),
    ids: ({ seq, key }) => ({ row: seq, login: key.login }),
    countTry: (tx, { seq }) => tx.networkInbox.countTry(seq),
    givenUp: (row, { reason }) => {
      const { seq, key, event } = row;
      return lost(parts, {
        seq,
        key,
        ref: event.id,
        reason,
        name: nameIn(event),
        body: () => JSON.stringify(event),
      });
    },
    buried: ({ seq, key, id, body }) =>
      lost(parts, { seq, key, ref: id, reason: UNREADABLE, name: undefined, body: () => body }),
  };
}

interface Lost {
  readonly seq: number;
  readonly key: PortalKey;
  readonly ref: MessageId;
  readonly reason: string;
  readonly name: string | undefined;
  readonly body: () => string;
}

function lost(parts: HandleNetworkEventsParts, { seq, key, ref, reason, name, body }: Lost): GivenUp {
  const { store, outbox, homeserver, encoder } = parts;
  return {
    direction: "to-matrix",
    reason,
    ids: { row: seq, login: key.login, message: ref },
    network: parts.networkOf(key.login),
    letter: async () => ({ key, ref, body: body() }),
    done: (tx) => tx.networkInbox.finish(seq),
    async tell(ended) {
      const login = await store.logins.get(key.login);
      const portal = await store.portals.byChat(key);
      // A room that its person was not asked into yet is no place to tell them anything.
      const room = portal && !incomplete(portal) ? portal.room : undefined;
      const network = login && parts.networks.get(login.network);
      if (room === undefined && network) return parts.tell(login.user, unseenWords(name, network), ended);
      const words =
        "A message of this chat could not be shown here. Please look at it in the app it was sent to.";
      const notice = login && room && outbox.row(room, homeserver.bot, encoder.notice(words));
      return store.write((tx) => {
        if (notice) tx.matrixOutbox.add(notice);
        ended(tx);
      });
    },
  };
}

/** There is no room to say it in. */
function unseenWords(name: string | undefined, { name: network }: Network): string {
  const who = cleanName(name ?? "", "Somebody");
  return `${who} wrote to you on ${network}, but a room for the chat could not be made. Please ask them to write again.`;
}

/** The room and ghost of a batch's events, looked up once, as long as they are the same. */
class EventContexts {
  readonly #parts: HandleNetworkEventsParts;
  readonly #login: Login;
  readonly #network: Network;
  #open: OpenPortal | undefined;
  /** The chat as it was at each look since the last commit: a new name makes one look again. */
  #used: readonly OpenPortal["portal"][] = [];
  #name: string | undefined;

  constructor(parts: HandleNetworkEventsParts, login: Login, network: Network) {
    this.#parts = parts;
    this.#login = login;
    this.#network = network;
  }

  /** Whether the room of what was looked up is what it was then: the chat may have been closed meanwhile. */
  readonly stand = (tx: Writes): boolean => this.#used.every((portal) => tx.portals.stands(portal));

  forget(): void {
    this.#open = undefined;
    this.#used = [];
  }

  /** Undefined for news of a contact without a room, which alone is no reason to make one. */
  async of({ event, overdue, attempts }: NetworkInboxRow): Promise<NetworkEventContext | undefined> {
    const { store, homeserver, encoder, outbox, archives, portals, ghosts } = this.#parts;
    const key = { login: this.#login.id, chat: event.chat };
    const name = nameIn(event);
    if (!overdue && !makesRoom(event) && !this.#open && !(await store.portals.byChat(key))?.room) {
      if (name !== undefined && (await store.ghosts.byPerson(this.#network.id, event.sender))) {
        await ghosts.ensure(this.#network, event.sender, name);
      }
      return undefined;
    }
    if (!this.#open || (name !== undefined && name !== this.#name)) {
      const whose = { login: this.#login, network: this.#network, key, person: event.sender, name };
      this.#open = await portals.ensure({ ...whose, bare: attempts + 1 >= TRIES });
      this.#used = [...this.#used, this.#open.portal];
      this.#name = name;
    }
    const { bot } = homeserver;
    return {
      ...this.#open,
      login: this.#login,
      network: this.#network,
      bot,
      encoder,
      outbox,
      archives,
      contact: needsContact(event) ? await store.contacts.get(this.#login.id, event.sender) : undefined,
      ...(await historyOf(store, encoder, key, event)),
      reaction:
        event.kind === "reaction" ? await store.reactions.of(key, event.target, event.sender) : undefined,
      commandTarget: needsContact(event) ? await commandTarget(store, key) : "",
      undelivered: event.kind === "reachability" ? (await store.networkOutbox.listFailed(key)).length : 0,
      excluded: await this.#excluded(event),
    };
  }

  /** Whether this kind of thing was told of in this chat before. */
  async #excluded(event: RemoteEvent): Promise<NetworkEventContext["excluded"]> {
    if (event.kind !== "excluded") return { before: true, record() {} };
    const scope = `login/${this.#login.id}/excluded`;
    const name = `${event.chat} ${event.what}`;
    const before = (await this.#parts.store.records.get(scope, name)) !== undefined;
    return { before, record: (tx) => tx.records.set(scope, name, "told") };
  }
}

const needsContact = ({ kind }: RemoteEvent): boolean =>
  kind === "identity-changed" || kind === "reachability";

/** A name of which nothing is seen says nothing. */
function nameIn(event: RemoteEvent): string | undefined {
  const name = event.kind === "renamed" ? event.name : "senderName" in event ? event.senderName : undefined;
  return cleanName(name ?? "", "") === "" ? undefined : name;
}

const makesRoom = ({ kind }: RemoteEvent): boolean => ROOM_MAKERS.has(kind);
