import type { BridgeParts } from "./bridge-parts.ts";
import { buildChats, buildSpaces } from "./build-chats.ts";
import { buildLogins } from "./build-logins.ts";
import { buildManagement } from "./build-management.ts";
import { buildNotices } from "./build-notices.ts";
import { buildProfiles } from "./build-profiles.ts";
import { buildToMatrix } from "./build-to-matrix.ts";
import { buildToNetwork } from "./build-to-network.ts";
import type { Ghosts } from "./chats/ghosts.ts";
import type { CommandScope } from "./command-scope.ts";
import { DeliveryStatus } from "./delivery/delivery-status.ts";
import { MessageStatuses } from "./delivery/message-statuses.ts";
import { UnstorableEvents } from "./delivery/unstorable-events.ts";
import { Expiries } from "./expiries/expiries.ts";
import type { UserId } from "./model/ids.ts";
import { QuietChats } from "./people/quiet-chats.ts";
import { faultOf } from "./ports/log.ts";
import { countingStore } from "./runtime/counting-store.ts";
import { laneWakingStore } from "./runtime/lane-waking-store.ts";
import type { RunningStep } from "./runtime/lanes.ts";
import { OutboxRows } from "./runtime/outbox-rows.ts";
import { QueueLanes } from "./runtime/queue-lanes.ts";
import type { MatrixIntake } from "./to-network/matrix-intake.ts";
import type { TypingAndReads } from "./to-network/typing-and-reads.ts";

/**
 * The bridge: what takes in events from the homeserver and the networks, the lanes that handle them, and what their
 * steps need.
 */
export interface Bridge extends AsyncDisposable {
  readonly intake: MatrixIntake;
  readonly ghosts: Ghosts;
  /** Tells a person something in their direct chat with the bot, when it can. */
  readonly tellSoon: (user: UserId, words: string) => void;
  /** Sets the bot's name and avatar; its account must exist. */
  readonly setBotProfile: () => Promise<void>;
  readonly signals: TypingAndReads;
  /** What people's wishes are carried out with, where they come by another way than the management room. */
  readonly scope: CommandScope;
  /** The reasons why messages may not cross at the moment; empty when they do. */
  reasons(): readonly string[];
  /** Whether a room is under the alias of this key by now; the homeserver asks for one that it does not know. */
  aliasQueried(key: string): Promise<boolean>;
  /** The steps that the lanes are at. */
  runningSteps(): readonly RunningStep[];
  /** Lets everything go on that waited for the homeserver, after an outage. */
  homeserverBack(): void;
  /** Starts the lanes on what the store holds, and connects the logins. */
  resume(): Promise<void>;
}

/**
 * Builds each room of what was built before it, so that the compiler keeps the order. Only the lanes are made before
 * their steps, because the store wakes them; they begin when the steps are there.
 */
export async function makeBridge(bridge: BridgeParts): Promise<Bridge> {
  const { networks, metrics, clock, random, log } = bridge;
  const lanes = new QueueLanes(bridge);
  const store = laneWakingStore(countingStore(bridge.store, metrics), lanes.wakers);
  const base = { ...bridge, store, lanes, outbox: new OutboxRows(clock, random) };

  const profiles = await buildProfiles(base);
  const noticeParts = buildNotices(base);
  const { notices } = noticeParts;
  const statuses = await MessageStatuses.load({ ...base, byDefault: bridge.statusChoice });
  const delivery = new DeliveryStatus({ ...base, statuses });
  const unstorable = new UnstorableEvents({ ...base, delivery, tell: notices.tell });
  const quiet = new QuietChats(base);
  const spaces = buildSpaces({ ...base, notices, avatars: profiles.avatars });
  const expiries = new Expiries(base);
  const accounts = buildLogins({
    ...base,
    expiries,
    notices,
    archives: spaces.archives,
    delivery,
    statuses,
    unstorable,
    quiet,
  });
  const built = {
    ...base,
    ...profiles,
    ...noticeParts,
    ...spaces,
    ...accounts,
    delivery,
    statuses,
    unstorable,
    quiet,
  };
  const chats = buildChats(built);
  const managementParts = await buildManagement({ ...built, ...chats });
  const toMatrix = buildToMatrix({ ...built, ...chats, ...managementParts });
  const toNetwork = buildToNetwork({ ...built, ...chats, ...managementParts });
  lanes.begin({ ...toMatrix.steps, ...toNetwork.steps, expiries: (login) => expiries.expire(login) });

  const { ghosts, setBotProfile, refresh } = profiles;
  const { watch, outages, connections, logins, processes, closedAccounts, erasures } = accounts;
  const { management, announcements, encryptionSwitch, scope, ignoreLists, aliasRooms, bridging } =
    managementParts;
  const { parked } = toMatrix;
  const { intake, signals, unread } = toNetwork;
  return {
    intake,
    ghosts,
    tellSoon: notices.tellSoon,
    setBotProfile,
    signals,
    scope,
    reasons: () => [
      ...(intake.caughtUp ? [] : ["The homeserver's events are not caught up with yet."]),
      ...watch.reasons(),
    ],
    aliasQueried: (key) => aliasRooms.queried(key),
    runningSteps: () => lanes.steps,
    homeserverBack: () => lanes.homeserverBack(),
    async resume() {
      await lanes.takeUp(store);
      await logins.resume(networks);
      await management.resume();
      await erasures.resume();
      await unread.resume();
      intake.resume();
      await bridging.resume();
      parked.arm();
      watch.start();
      closedAccounts.start();
      ignoreLists.start();
      await quiet.resume();
      aliasRooms.resume().catch((error: unknown) => log.warn("rooms of aliases are left", faultOf(error)));
      refresh.run().catch((error: unknown) => log.warn("names were not looked at", faultOf(error)));
      encryptionSwitch
        .resume()
        .catch((error: unknown) => log.warn("of encryption not all was told", faultOf(error)));
      announcements.announce().catch((error: unknown) => log.warn("news was not told", faultOf(error)));
    },
    async [Symbol.asyncDispose]() {
      // First what starts work by itself.
      for (const one of [
        erasures,
        processes,
        logins,
        watch,
        outages,
        parked,
        closedAccounts,
        refresh,
        quiet,
        ignoreLists,
        aliasRooms,
        bridging,
      ])
        one[Symbol.dispose]();
      // Then each queue before what its steps need: people's messages need commands and connections, and messages to a
      // network the connections.
      await lanes.matrixInbox[Symbol.asyncDispose]();
      management[Symbol.dispose]();
      await lanes.networkOutbox[Symbol.asyncDispose]();
      // Connections accept events until they are closed. A file that one still has to fetch is not given up: its row
      // waits for the next start.
      await connections[Symbol.asyncDispose]();
      await lanes.networkInbox[Symbol.asyncDispose]();
      await lanes.groupRooms[Symbol.asyncDispose]();
      await lanes.pictures[Symbol.asyncDispose]();
      await lanes.expiries[Symbol.asyncDispose]();
      await lanes.matrixOutbox[Symbol.asyncDispose]();
    },
  };
}
