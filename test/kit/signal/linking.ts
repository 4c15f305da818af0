import type { Device } from "@signalapp/mock-server";
import type { LoginId, NetworkId, UserId } from "../../../src/core/model/ids.ts";
import type { Clock } from "../../../src/core/ports/clock.ts";
import type { DisplayStep, DoneStep, LoginFlow, LoginStep } from "../../../src/core/ports/login-flow.ts";
import type { Login } from "../../../src/core/ports/rows.ts";
import type { Store } from "../../../src/core/ports/store.ts";
import { readAccount } from "../../../src/networks/signal/account.ts";
import { signalSection } from "../../../src/networks/signal/config.ts";
import { ServerAccess } from "../../../src/networks/signal/connection/server-access.ts";
import { linkAccount } from "../../../src/networks/signal/link/link-account.ts";
import { qrFlow } from "../../../src/networks/signal/link/qr-flow.ts";
import { showCode } from "../../../src/networks/signal/link/show-code.ts";
import { notice } from "../../../src/networks/signal/notice.ts";
import { signalServers } from "../../../src/networks/signal/servers.ts";
import type { Provision } from "../../../src/networks/signal/wire/provisioning.ts";
import { openStore } from "../../../src/store/open.ts";
import type { Person } from "../../../tools/signal-mock/person.ts";
import { SignalMock } from "../../../tools/signal-mock/signal-mock.ts";
import { LogLines, realClock } from "../fake-homeserver-world.ts";
import { leaksIn } from "./secrets.ts";

const ana = "@ana:example.org" as UserId;

interface LinkingWorldOptions {
  readonly clock?: Clock;
  /** Through which the bridge reaches the mock. */
  readonly port?: number;
  /** Of the database; in memory unless given. */
  readonly path?: string;
}

interface LinkedLogin {
  readonly login: Login;
  readonly done: DoneStep;
  /** As the phone sees it, once it has prekeys. */
  readonly device: Promise<Device>;
}

/** The mock, and a bridge's way to it: its store, and the flow that links people. */
export class LinkingWorld implements AsyncDisposable {
  readonly mock: SignalMock;
  readonly access: ServerAccess;
  readonly store: Store;
  readonly log = new LogLines();
  readonly flow: LoginFlow;
  /** What the flow does with what a phone hands over. */
  readonly link: (provision: Provision) => Promise<DoneStep>;
  readonly clock: Clock;
  readonly #passwords: string[] = [];
  #logins = 0;

  private constructor(mock: SignalMock, options: LinkingWorldOptions) {
    const { clock = realClock, port = mock.port, path = ":memory:" } = options;
    this.mock = mock;
    this.clock = clock;
    const { server } = signalSection.parse({ server: { ...mock.section.server, port } });
    this.access = new ServerAccess(signalServers(server), clock);
    this.store = openStore({ path, log: this.log });
    const parts = { network: "signal" as NetworkId, deviceName: "Matrix bridge", store: this.store };
    const around = { access: this.access, clock };
    const link: Parameters<typeof showCode>[0]["link"] = (request, provision) =>
      linkAccount({ ...parts, ...around }, request, provision);
    this.link = (provision) =>
      linkAccount({ ...parts, ...around }, { user: ana, login: this.newLogin() }, provision);
    this.flow = qrFlow(notice, (request) => showCode({ shared: this.access.net, clock, link }, request));
  }

  static async start(options: LinkingWorldOptions = {}): Promise<LinkingWorld> {
    return new LinkingWorld(await SignalMock.start(), options);
  }

  /** The bridge reaches the mock through a port that can be shut. */
  static async behind(
    open: (target: number) => Promise<{ readonly port: number }>,
    options: LinkingWorldOptions = {},
  ): Promise<LinkingWorld> {
    const mock = await SignalMock.start();
    const { port } = await open(mock.port);
    return new LinkingWorld(mock, { ...options, port });
  }

  /** Agrees to the notice, and resolves with the first code. */
  async code(signal = new AbortController().signal, login = this.newLogin()): Promise<DisplayStep> {
    const step = await this.flow.begin({ user: ana, login, again: false, signal });
    if (step.kind !== "notice") throw new Error("the flow does not begin with a notice");
    return displayed(await step.agree(undefined));
  }

  newLogin(): LoginId {
    this.#logins += 1;
    return `login-${this.#logins}` as LoginId;
  }

  /** Links the person's phone, and stores the login as the core does; the phone waits for the device to connect. */
  async linked(person: Person, newLogin = this.newLogin()): Promise<LinkedLogin> {
    const step = await this.code(undefined, newLogin);
    const device = person.scans(qrIn(step));
    // Whoever does not connect leaves the phone waiting.
    device.catch(() => undefined);
    const scanned = await step.next();
    const done = await doneAfter(scanned);
    return { login: await this.stored(done, newLogin), done, device };
  }

  /** The login of a code that a phone has scanned. */
  async finished(scanned: LoginStep, login: LoginId): Promise<Login> {
    return this.stored(await doneAfter(scanned), login);
  }

  async stored(done: DoneStep, newLogin: LoginId): Promise<Login> {
    const { visibleId, account, continues } = done;
    const login: Login = {
      id: continues ?? newLogin,
      user: ana,
      network: "signal" as NetworkId,
      state: "active",
      visibleId,
      account,
      consentVersion: notice.version,
      consentAt: this.clock.now(),
    };
    this.#passwords.push(readAccount(account).password);
    await this.store.write((tx) => {
      if (continues === undefined) tx.logins.add(login);
      else tx.logins.setAccount(login.id, login);
      done.record(tx);
    });
    return login;
  }

  /** Throws where the log, of which every level is kept, holds what it may not. */
  async [Symbol.asyncDispose](): Promise<void> {
    const leaks = leaksIn(this.log.lines, this.mock, this.#passwords);
    await this.access[Symbol.asyncDispose]();
    await this.mock[Symbol.asyncDispose]();
    await this.store[Symbol.asyncDispose]();
    if (leaks.length > 0) throw new Error(`The log holds what is secret: ${leaks.join(", ")}`);
  }
}

export function displayed(step: LoginStep): DisplayStep {
  if (step.kind !== "display") throw new Error(`the flow is at “${step.kind}”`);
  return step;
}

async function doneAfter(scanned: LoginStep): Promise<DoneStep> {
  if (scanned.kind !== "wait") throw new Error(`the flow is at “${scanned.kind}”`);
  const done = await scanned.next();
  if (done.kind !== "done") throw new Error(`the flow is at “${done.kind}”`);
  return done;
}

/** What a step's QR code says. */
export function qrIn({ what }: DisplayStep): string {
  if (what.kind !== "qr") throw new Error("no QR code");
  return what.data;
}
