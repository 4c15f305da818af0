import type { BridgeParts } from "./bridge-parts.ts";
import { buildProfiles } from "./build-profiles.ts";
import { makeRoomParts } from "./build-rooms.ts";
import { Archives } from "./chats/archives.ts";
import { Connections } from "./chats/connections.ts";
import { Contacts } from "./chats/contacts.ts";
import type { Ghosts } from "./chats/ghosts.ts";
import { ProfileRefresh } from "./chats/profile-refresh.ts";
import { Chats } from "./chats/start-chat.ts";
import { Delivery } from "./delivery/delivery-status.ts";
import { Unkept } from "./delivery/unkept.ts";
import { ClosedAccounts } from "./logins/closed-accounts.ts";
import { ConnectionEvents } from "./logins/connection-events.ts";
import { Logins } from "./logins/logins.ts";
import { NetworkWatch } from "./logins/network-watch.ts";
import { OutageNotices } from "./logins/outage-notices.ts";
import { Announcements } from "./management/announcements.ts";
import { Answers } from "./management/answers.ts";
import { Management } from "./management/management-room.ts";
import { faultOf } from "./ports/log.ts";
import type { Login } from "./ports/rows.ts";
import { countingStore } from "./runtime/counting-store.ts";
import { laneWakingStore } from "./runtime/lane-waking-store.ts";
import { Outbox } from "./runtime/outbox-rows.ts";
import { type LaneSteps, QueueLanes } from "./runtime/queue-lanes.ts";
import type { Tell } from "./runtime/tell.ts";
import { AfterSend } from "./to-matrix/after-send.ts";
import { Attachments } from "./to-matrix/attach-files.ts";
import { handleNetworkEvents } from "./to-matrix/handle-network-events.ts";
import { networkInboxIntake } from "./to-matrix/network-inbox-intake.ts";
import { ParkedEvents } from "./to-matrix/parked-events.ts";
import { Receipts } from "./to-matrix/receipts.ts";
import { sendToMatrix } from "./to-matrix/send-to-matrix.ts";
import { beginning } from "./to-network/beginning.ts";
import { handleMatrixEvents } from "./to-network/handle-matrix-events.ts";
import { MatrixIntake } from "./to-network/matrix-intake.ts";
import { ReadMarks } from "./to-network/read-marks.ts";
import { Retries } from "./to-network/retries.ts";
import { mendRooms } from "./to-network/rolled-back.ts";
import { sendToNetwork } from "./to-network/send-to-network.ts";
import { TypingAndReads } from "./to-network/typing-and-reads.ts";

/** The bridge itself: two intakes, four sets of lanes between them, and what the lanes' steps need. */
export interface Bridge extends AsyncDisposable {
  readonly intake: MatrixIntake;
  readonly ghosts: Ghosts;
  /** Gives the bot, which must have its account, its name and avatar. */
  readonly dressBot: () => Promise<void>;
  readonly signals: TypingAndReads;
  /** Why messages may not cross at the moment; empty when they do. */
  reasons(): readonly string[];
  /** The homeserver is back after an outage: what waited for it goes on. */
  homeserverBack(): void;
  /** Takes up what the store holds, and connects the logins. */
  resume(): Promise<void>;
}

export async function makeBridge(parts: BridgeParts): Promise<Bridge> {
  const { homeserver, encoder, networks, access, puppets, clock, scheduler, random, log, metrics } = parts;
  const lanes = new QueueLanes({ clock, random, scheduler, log }, () => steps);
  const store = laneWakingStore(countingStore(parts.store, metrics), lanes.wakers);

  const outbox = new Outbox(clock, random);
  const { avatars, ghosts, names, dressBot } = await buildProfiles({ ...parts, store, outbox });
  const { inboxes, portals, changes, sending } = makeRoomParts({
    ...parts,
    store,
    ghosts,
    avatars,
    outbox,
    features: ({ login, network }) =>
      encoder.roomFeatures(connections.client(login.id)?.capabilities ?? network.capabilities),
    management: () => management,
    tell: (...said) => tell(...said),
    hurry: (key, before) => {
      lanes.networkInbox.hurry(key);
      if (before !== undefined) lanes.matrixInbox.hurry(before);
    },
  });
  const archives = new Archives(store, homeserver, encoder, outbox, inboxes);
  const delivery = new Delivery({ store, homeserver, puppets, encoder, outbox, clock, metrics, log });
  const say: Tell = (...said) => management.tell(...said);
  const unkept = new Unkept({ store, clock, log, metrics, delivery, tell: say });
  const receipts = new Receipts({ store, homeserver, clock, log });
  const watch = new NetworkWatch({ networks, clock, log });
  const outages = new OutageNotices({ store, clock, log, tell: say });
  const connections: Connections = new Connections({
    networks,
    log,
    metrics,
    stopped(login) {
      watch.forget(login);
      outages.forget(login);
    },
    sinkOf: (login, network) =>
      networkInboxIntake(
        {
          store,
          clock,
          unkept,
          delivery,
          receipt: (...receipt) => receipts.receipt(...receipt),
          signal: (...signal) => receipts.signal(...signal),
          capabilities: (of, _on, granted) => news.capabilities(of, granted),
          state: (...state) => news.state(...state),
          ended: (...ended) => news.ended(...ended),
          resumed: (...resumed) => news.resumed(...resumed),
        },
        login,
        network,
      ),
  });
  const hurry = ({ id }: Login): void => lanes.connected(id);
  const logins = new Logins({ archives, store, connections, clock, random, log, hurry, watch });
  const chats = new Chats(store, connections, portals);
  const contacts = new Contacts(store, connections, names);
  const renaming = new ProfileRefresh({ store, ghosts, networks, clock, log });
  const retries = new Retries({ store, homeserver, networks, connections, delivery, outbox, clock });
  const commands = parts.commands({
    store,
    access,
    homeserver,
    tools: parts.tools,
    networks,
    logins,
    connections,
    chats,
    contacts,
    changes,
    inboxes,
    retries,
    log,
  });
  const management = new Management({
    store,
    homeserver,
    answers: new Answers(homeserver, encoder, outbox),
    outbox,
    access,
    commands,
    botName: parts.botName,
    clock,
    log,
    begun: await beginning(store, clock),
  });
  const arrivals = new AfterSend({
    store,
    connections,
    metrics,
    clock,
    encoder,
    outbox,
    homeserver,
    tell: say,
    tellElsewhere: (...said) => management.tellElsewhere(...said),
  });
  const news = new ConnectionEvents({
    store,
    bot: homeserver.bot,
    encoder,
    outbox,
    archives,
    log,
    tell: (user, words) => tell(user, words),
    hurry,
    watch,
    outages,
  });
  const announcements = new Announcements(store, networks, say);
  const tell = (...[user, words]: Parameters<Management["tell"]>): void => {
    management.tell(user, words).catch(() => log.warn("a person could not be told", {}));
  };

  const closedAccounts = new ClosedAccounts({
    store,
    homeserver,
    puppets: parts.puppets,
    networks,
    logins,
    access,
    clock,
    log,
    tell: (user, words) => tell(user, words),
  });
  const patience = new ParkedEvents({ store, connections, clock, log });
  const steps: LaneSteps = {
    matrixInbox: handleMatrixEvents({
      store,
      homeserver,
      networks,
      management,
      connections,
      delivery,
      outbox,
      clock,
      scheduler,
      log,
      metrics,
      changes,
      left: (user) => closedAccounts.left(user),
    }),
    matrixOutbox: sendToMatrix({
      store,
      homeserver,
      encoder,
      moved: (row) => changes.refused(row),
      clock,
      log,
      metrics,
      archives,
      attachments: new Attachments({ store, homeserver, encoder, connections, tools: parts.tools }),
      arrivals,
      sending,
    }),
    networkInbox: handleNetworkEvents({
      store,
      homeserver,
      encoder,
      outbox,
      archives,
      portals,
      ghosts,
      networks,
      clock,
      scheduler,
      log,
      metrics,
      networkOf: (login) => connections.networkOf(login),
      parked: () => patience.arm(),
      tell: say,
    }),
    networkOutbox: sendToNetwork({ store, homeserver, networks, connections, delivery, clock, log, metrics }),
  };

  const intake = new MatrixIntake({
    store,
    unkept,
    clock,
    metrics,
    lanes: lanes.matrixInbox,
    notice: (room, words) => outbox.row(room, homeserver.bot, encoder.notice(words)),
    rolledBack: () =>
      void mendRooms({ store, homeserver, portals, networks, log }).catch((error: unknown) =>
        log.warn("rooms were not looked at again", faultOf(error)),
      ),
  });
  return {
    intake,
    ghosts,
    dressBot,
    signals: new TypingAndReads(
      store,
      connections,
      new ReadMarks({ store, homeserver, connections, clock }),
      log,
    ),
    reasons: () => [
      ...(intake.caughtUp ? [] : ["The homeserver's events are not caught up with yet."]),
      ...watch.reasons(),
    ],
    homeserverBack: () => lanes.homeserverBack(),
    async resume() {
      await lanes.takeUp(store);
      await logins.resume(networks);
      await management.resume();
      intake.resume();
      patience.arm();
      watch.start();
      closedAccounts.start();
      renaming.run().catch((error: unknown) => log.warn("names were not looked at", faultOf(error)));
      announcements.announce().catch((error: unknown) => log.warn("news was not told", faultOf(error)));
    },
    async [Symbol.asyncDispose]() {
      logins[Symbol.dispose]();
      watch[Symbol.dispose]();
      outages[Symbol.dispose]();
      patience[Symbol.dispose]();
      closedAccounts[Symbol.dispose]();
      renaming[Symbol.dispose]();
      await lanes.matrixInbox[Symbol.asyncDispose]();
      management[Symbol.dispose]();
      await lanes.networkOutbox[Symbol.asyncDispose]();
      await connections[Symbol.asyncDispose]();
      await lanes.networkInbox[Symbol.asyncDispose]();
      await lanes.matrixOutbox[Symbol.asyncDispose]();
    },
  };
}
