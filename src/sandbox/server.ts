import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { faultRoutes } from "./api/control-faults.ts";
import { groupRoutes } from "./api/control-groups.ts";
import { networkRoutes } from "./api/control-networks.ts";
import { networkOverview, overviewRoutes } from "./api/control-overview.ts";
import { peopleRoutes } from "./api/control-people.ts";
import { phoneRoutes } from "./api/control-phone.ts";
import { wireRoutes } from "./api/control-wire.ts";
import { LoadGenerator } from "./api/load/load-generator.ts";
import { loopbackOnly } from "./api/loopback-only.ts";
import { loginCheck } from "./chat/chat-login.ts";
import { serveChat } from "./chat/chat-server.ts";
import { OnlineSessions } from "./chat/online-sessions.ts";
import { pusher } from "./chat/push.ts";
import { serverIdentity } from "./chat/server-identity.ts";
import { handleStanza } from "./chat/stanza-router.ts";
import { typingRelay } from "./chat/typing-relay.ts";
import { type NetworkName, networkNames, type SandboxConfig } from "./config.ts";
import { Faults } from "./faults/faults.ts";
import { Violations } from "./faults/violations.ts";
import { takeOut } from "./groups/group-change.ts";
import { groupMessageTables } from "./groups/group-messages.ts";
import { Told } from "./groups/group-news.ts";
import { groupTable } from "./groups/group-table.ts";
import { Groups } from "./groups/groups.ts";
import { waitingInGroup } from "./groups/waiting-in-group.ts";
import { createHttpServer, type Route } from "./http/http-server.ts";
import { failureName, type Logger } from "./logger.ts";
import { pageRoutes } from "./page/page-routes.ts";
import { endpointsOf } from "./partner/endpoints.ts";
import { enlistRoutes } from "./partner/enlist.ts";
import { issuerKeys } from "./partner/issuer-keys.ts";
import { mediaProxy } from "./partner/media-proxy.ts";
import { mediaRoutes } from "./partner/media-routes.ts";
import { keyRoutes, signingKey } from "./partner/signing-key.ts";
import { tokenChecker } from "./partner/token-check.ts";
import { catchUp } from "./phone/catch-up.ts";
import { People } from "./phone/people.ts";
import type { Person } from "./phone/person.ts";
import type { PersonParts } from "./phone/person-parts.ts";
import { phoneFiles } from "./phone/phone-files.ts";
import { prekeyServer } from "./phone/prekey-server.ts";
import { type Account, accountJid } from "./state/accounts.ts";
import { CommitGroup } from "./state/commit-group.ts";
import { openDatabase } from "./state/database.ts";
import { instanceOf } from "./state/instance.ts";
import { NetworkStates } from "./state/network-states.ts";
import { serverTime } from "./state/server-time.ts";
import { tablesOf } from "./state/tables.ts";
import { WireLog } from "./state/wire-log.ts";

const controlBase = "/_sandbox/v1";

export interface Gatekeeper extends AsyncDisposable {
  /** `http://host:port` */
  readonly url: string;
  /** Public root key, base64. */
  readonly rootKey: string;
  readonly networks: ReturnType<typeof networkOverview>;
}

/** Starts both networks, the enlistment API and the control API on one port. Rejects when the port is taken. */
export async function startGatekeeper(config: SandboxConfig, log: Logger): Promise<Gatekeeper> {
  const db = openDatabase(config.data);
  const commits = new CommitGroup(db);
  const { identities, ...tables } = tablesOf(db);
  const { accounts, heldPrekeys, mailbox, media, messages, inboxes, reports } = tables;
  const identity = serverIdentity(db);
  const key = await signingKey(db);
  const states = new NetworkStates(db, config.integrators);
  const violations = new Violations(db, commits, log);
  const wire = new WireLog();
  const faults = new Faults(db, commits, log, (fault, { network, direction, stanza, user }) =>
    wire.add({ network, direction, stanza, fault, user: user[0] }),
  );
  let endpoints = endpointsOf("http://127.0.0.1");

  const connected = (account: number): boolean => sessions.get(account) !== undefined;
  const push = pusher({ accounts, states, endpoints: () => endpoints, key, connected, log });
  const sessions = new OnlineSessions((account) => push.request(account));
  const time = serverTime(Date.now, messages.lastSts());
  const wake = (account: number): void => sessions.wake(account);
  const proxy = mediaProxy(states, faults);
  const files = phoneFiles(media, proxy, commits, log);
  const fetchFile = (person: string, id: string): void => {
    const owner = people.get(person);
    if (owner !== undefined) files.prefetch(owner, id);
  };
  const personEvents = { serverTime: time, wake, fetchFile };
  const parts: PersonParts = { ...tables, commits, states, faults, violations, log, ...personEvents };
  const people = new People(parts, prekeyServer(parts, identities));
  const groups = new Groups(groupTable(db), groupMessageTables(db), people, parts);
  const inGroup = waitingInGroup(groups);
  const catchesUp = (person: Person): Promise<void> => catchUp(person, inGroup);
  const typing = typingRelay(sessions);
  const loadGenerator = new LoadGenerator(db, groups, { commits, connected }, log);
  const check = tokenChecker(db, commits, issuerKeys());

  const erase = (account: Account): void => {
    const told = new Told();
    for (const group of groups.of({ kind: "user", account }))
      takeOut(groups, group, { kind: "user", account }, told);
    // A commit group runs to its end before any microtask.
    queueMicrotask(() => told.wake(groups));
    groups.messages.forgetAccount(account.id);
    heldPrekeys.forget(accountJid(account));
    identities.forget(account.id);
    mailbox.dropAll(account.id);
    messages.forgetAccount(account.id);
  };
  const disconnect = (account: Account): void => sessions.disconnect(account);
  const networkParts = (network: NetworkName) => ({
    network,
    endpoints: () => endpoints[network],
    chatUrl: () => endpoints[network].chat,
    accounts,
    commits,
    states,
    check,
    faults,
    violations,
    erase,
    disconnect,
  });
  const overview = { states, endpoints: () => endpoints, rootKey: identity.rootKey };
  const verbContext = { people, groups, typing, catchUp: catchesUp };
  const control: readonly Route[] = [
    ...overviewRoutes(controlBase, {
      ...overview,
      accounts,
      heldPrekeys,
      mailbox,
      sessions,
      violations,
      reports,
      loadGenerator,
    }),
    ...peopleRoutes(controlBase, people, files, verbContext),
    ...groupRoutes(controlBase, groups),
    ...phoneRoutes(controlBase, { groups, sessions, commits, identities, instance: instanceOf(db) }),
    ...networkRoutes(controlBase, { states, accounts, commits, mailbox, serverTime: time, wake }),
    ...faultRoutes(controlBase, faults),
    ...wireRoutes(controlBase, wire, faults),
  ];
  const server = createHttpServer(
    [
      ...loopbackOnly(control),
      ...networkNames.flatMap((network) => enlistRoutes(networkParts(network))),
      ...networkNames.flatMap((network) => mediaRoutes(network, media, proxy, faults)),
      ...networkNames.flatMap((network) => keyRoutes(network, () => endpoints[network], key)),
      ...loopbackOnly(pageRoutes(config.page.framed_by), true),
    ],
    log,
  );
  const chat = serveChat(server, {
    identity,
    login: {
      whatsapp: loginCheck(networkParts("whatsapp")),
      messenger: loginCheck(networkParts("messenger")),
    },
    session: { mailbox, states, faults, violations, wire, namesOf: (jid) => people.namesOf(jid) },
    sessions,
    faults,
    violations,
    log,
    handle: (session, stanza) =>
      handleStanza(
        { session, people, groups, parts, identities, typing, fetchHosted: proxy, loadCounts: loadGenerator },
        stanza,
      ),
  });

  server.listen(config.listen.port, config.listen.host);
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const host = config.listen.host.includes(":") ? `[${config.listen.host}]` : config.listen.host;
  const url = `http://${host === "0.0.0.0" ? "127.0.0.1" : host}:${port}`;
  endpoints = endpointsOf(url);

  const departures = finishDepartures();
  // No login is let in yet, so a stanza that a bridge sends later is queued behind what waited for the phone.
  for (const person of people.all()) {
    person
      .inLane(() => departures.then(() => catchesUp(person)))
      .catch((cause: unknown) =>
        log.error("a phone did not catch up", { person: person.id, failure: failureName(cause) }),
      );
  }
  await departures;
  for (const account of mailbox.owners()) push.request(account);
  loadGenerator.resume();
  log.info("ready", { url });

  /** Completes the de-enlistments that a crash of the sandbox interrupted. */
  async function finishDepartures(): Promise<void> {
    for (const account of accounts.all().filter(({ state }) => state === "leaving")) {
      await commits.commit(() => {
        erase(account);
        accounts.setState(account.id, "gone");
      });
    }
  }

  return {
    url,
    rootKey: identity.rootKey,
    get networks() {
      return networkOverview(overview);
    },
    async [Symbol.asyncDispose]() {
      loadGenerator.close();
      push.close();
      sessions.close();
      inboxes.close();
      const closed = once(server, "close");
      server.close();
      // The sockets get time to send what was written last, before they are cut.
      await new Promise((resolve) => setTimeout(resolve, 50));
      chat.close();
      server.closeAllConnections();
      await closed;
      commits.close();
      db.close();
    },
  };
}
