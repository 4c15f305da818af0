import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { type Account, accountJid } from "./accounts.ts";
import { catchUp } from "./catch-up.ts";
import { loginCheck } from "./chat-login.ts";
import { serveChat } from "./chat-server.ts";
import { CommitGroup } from "./commit-group.ts";
import { type NetworkName, networkNames, type SandboxConfig } from "./config.ts";
import { faultRoutes } from "./control-faults.ts";
import { networkRoutes } from "./control-networks.ts";
import { networkOverview, overviewRoutes } from "./control-overview.ts";
import { peopleRoutes } from "./control-people.ts";
import { openDatabase } from "./database.ts";
import { endpointsOf } from "./endpoints.ts";
import { enlistRoutes } from "./enlist.ts";
import { Faults } from "./faults.ts";
import { createHttpServer, type Route } from "./http-server.ts";
import { issuerKeys } from "./issuer-keys.ts";
import { Loads } from "./load.ts";
import { failureName, type Logger } from "./logger.ts";
import { loopbackOnly } from "./loopback-only.ts";
import { mediaProxy } from "./media-proxy.ts";
import { mediaRoutes } from "./media-routes.ts";
import { NetworkStates } from "./network-state.ts";
import { People } from "./people.ts";
import type { PersonParts } from "./person-parts.ts";
import { phoneFiles } from "./phone-files.ts";
import { PostOffice } from "./post-office.ts";
import { prekeyDesk } from "./prekey-desk.ts";
import { pusher } from "./push.ts";
import { serverIdentity } from "./server-identity.ts";
import { serverTime } from "./server-time.ts";
import { keyRoutes, signingKey } from "./signing-key.ts";
import { handleStanza } from "./stanza-router.ts";
import { tablesOf } from "./tables.ts";
import { tokenChecker } from "./token-check.ts";
import { typingDesk } from "./typing-desk.ts";
import { Violations } from "./violations.ts";

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
  const { accounts, held, mailbox, media, messages, inboxes, reports } = tables;
  const identity = serverIdentity(db);
  const key = await signingKey(db);
  const states = new NetworkStates(db, config.integrators);
  const violations = new Violations(db, commits, log);
  const faults = new Faults(db, commits, log);
  let endpoints = endpointsOf("http://127.0.0.1");

  const connected = (account: number): boolean => office.session(account) !== undefined;
  const push = pusher({ accounts, states, endpoints: () => endpoints, key, connected, log });
  const office = new PostOffice((account) => push.wanted(account));
  const time = serverTime(Date.now, messages.lastSts());
  const wake = (account: number): void => office.wake(account);
  const proxy = mediaProxy(states, faults);
  const files = phoneFiles(media, proxy, commits, log);
  const fetchFile = (person: string, id: string): void => {
    const owner = people.get(person);
    if (owner !== undefined) files.prefetch(owner, id);
  };
  const posts = { serverTime: time, wake, fetchFile };
  const parts: PersonParts = { ...tables, commits, states, faults, violations, log, ...posts };
  const people = new People(parts, prekeyDesk(parts, identities));
  const loads = new Loads(db, people, accounts, { commits, wake, connected }, log);
  const check = tokenChecker(db, commits, issuerKeys());

  const erase = (account: Account): void => {
    held.forget(accountJid(account));
    identities.forget(account.id);
    mailbox.dropAll(account.id);
    messages.forgetAccount(account.id);
  };
  const disconnect = (account: Account): void => office.disconnect(account);
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
  const scene = { people, typing: typingDesk(office), catchUp };
  const control: readonly Route[] = [
    ...overviewRoutes(controlBase, {
      ...overview,
      accounts,
      held,
      mailbox,
      office,
      violations,
      reports,
      loads,
    }),
    ...peopleRoutes(controlBase, people, identities, files, scene),
    ...networkRoutes(controlBase, { states, accounts, commits, mailbox, serverTime: time, wake }),
    ...faultRoutes(controlBase, faults),
  ];
  const server = createHttpServer(
    [
      ...loopbackOnly(control),
      ...networkNames.flatMap((network) => enlistRoutes(networkParts(network))),
      ...networkNames.flatMap((network) => mediaRoutes(network, media, proxy, faults)),
      ...networkNames.flatMap((network) => keyRoutes(network, () => endpoints[network], key)),
    ],
    log,
  );
  const chat = serveChat(server, {
    identity,
    login: {
      whatsapp: loginCheck(networkParts("whatsapp")),
      messenger: loginCheck(networkParts("messenger")),
    },
    session: { mailbox, states, faults, violations, namesOf: (jid) => people.namesOf(jid) },
    office,
    faults,
    violations,
    log,
    handle: (session, stanza) =>
      handleStanza({ session, people, parts, identities, loadCounts: loads }, stanza),
  });

  server.listen(config.listen.port, config.listen.host);
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const host = config.listen.host.includes(":") ? `[${config.listen.host}]` : config.listen.host;
  const url = `http://${host === "0.0.0.0" ? "127.0.0.1" : host}:${port}`;
  endpoints = endpointsOf(url);

  const departed = finishDepartures();
  // Before anybody can be let in: what comes from now on is behind what waited.
  for (const person of people.all()) {
    person
      .inLane(() => departed.then(() => catchUp(person)))
      .catch((cause: unknown) =>
        log.error("a phone did not catch up", { person: person.id, failure: failureName(cause) }),
      );
  }
  await departed;
  for (const account of mailbox.owners()) push.wanted(account);
  loads.resume();
  log.info("ready", { url });

  /** De-enlistments that a crash broke off. */
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
      loads.close();
      push.close();
      office.close();
      inboxes.close();
      const closed = once(server, "close");
      server.close();
      // What was said last goes out before sockets are cut.
      await new Promise((resolve) => setTimeout(resolve, 50));
      chat.close();
      server.closeAllConnections();
      await closed;
      commits.close();
      db.close();
    },
  };
}
