import { BridgeError } from "../model/errors.ts";
import type { LoginId, NetworkId, UserId } from "../model/ids.ts";
import type { Clock, Random } from "../ports/clock.ts";
import { faultOf, type Log } from "../ports/log.ts";
import type { LoginFlow } from "../ports/login-flow.ts";
import type { Network } from "../ports/network.ts";
import type { Login } from "../ports/rows.ts";
import type { Store, Writes } from "../ports/store.ts";
import { LoginProcess, type LoginProcessOf, type LoginWatcher, type OpenStep } from "./login-process.ts";
import type { Logins } from "./logins.ts";

interface LoginProcessesParts {
  readonly store: Store;
  readonly networks: ReadonlyMap<NetworkId, Network>;
  readonly logins: Logins;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

/** Scope of the records of the notice a person was shown last and has not answered: network, version, flow. */
const ASKED = "consent-asked";
/** Scope of the records of conversations beyond that, which a restart ends: the network. */
const UNDER_WAY = "logging-in";

/** Milliseconds until what could not be stored or told is tried again. */
const TRY_AGAIN = 30_000;

/** Tells a person that a conversation about a network was interrupted; `told` is committed with it. */
type TellInterrupted = (user: UserId, network: NetworkId, told: (tx: Writes) => void) => Promise<void>;

/** A notice that was shown and not answered; it is good across restarts, and while it is the newest. */
export interface AskedNotice {
  readonly network: Network;
  readonly flow: LoginFlow;
  readonly version: number;
}

/** People's conversations about logging in, one a person: whoever begins another ends the one before. */
export class LoginProcesses implements Disposable {
  readonly #parts: LoginProcessesParts;
  readonly #open = new Map<UserId, LoginProcess>();
  /** Each person's last that is over, for who was not there at its end. */
  readonly #over = new Map<UserId, LoginProcess>();
  /** Each ends the wait for a next try. */
  readonly #waits = new Set<() => void>();
  #stopped = false;

  constructor(parts: LoginProcessesParts) {
    this.#parts = parts;
  }

  of(user: UserId): LoginProcess | undefined {
    return this.#open.get(user);
  }

  /** The person's conversation for a login of this id, open or their last one. */
  find(user: UserId, login: LoginId): LoginProcess | undefined {
    return [this.#open.get(user), this.#over.get(user)].find((process) => process?.of.login === login);
  }

  /** `by` watches it from its first step on. Throws BridgeError where the flow cannot be begun. */
  async begin(user: UserId, network: Network, flow: LoginFlow, by?: LoginWatcher): Promise<LoginProcess> {
    const { logins, random } = this.#parts;
    const again = (await logins.outdated(user, network)).length > 0;
    const process = this.#make({ user, network, flow, login: random.uuid() as LoginId, again });
    if (by) process.watch(by);
    const before = this.#open.get(user);
    this.#open.set(user, process);
    await before?.end("replaced", by);
    await process.begin();
    return process;
  }

  /** The notice a person has open, whose conversation can be begun anew where there is none any more. */
  async asked(user: UserId): Promise<AskedNotice | undefined> {
    const { store, networks } = this.#parts;
    const [id, version, named] = ((await store.records.get(ASKED, user)) ?? "").split(" ");
    const network = networks.get(id as NetworkId);
    const flow = network?.flows.find((one) => one.id === named) ?? network?.flows[0];
    return network && flow && version ? { network, flow, version: Number(version) } : undefined;
  }

  /** The person does not answer the notice they have open. */
  forgetAsked(user: UserId): Promise<void> {
    return this.#parts.store.write((tx) => tx.records.remove(ASKED, user));
  }

  /** Has people told of conversations that ended with the bridge; who cannot be told now is told later. */
  async tellInterrupted(tell: TellInterrupted): Promise<void> {
    const { store, log } = this.#parts;
    let untold = 0;
    for (const { name, value } of await store.records.all(UNDER_WAY)) {
      const user = name as UserId;
      // They have begun again.
      if (this.#open.has(user)) continue;
      try {
        await tell(user, value as NetworkId, (tx) => tx.records.remove(UNDER_WAY, user));
      } catch (error) {
        untold += 1;
        log.info("a person is told later that logging in was interrupted", faultOf(error));
      }
    }
    const again = (): void =>
      void this.tellInterrupted(tell).catch((error: unknown) =>
        log.warn("people are not told that logging in was interrupted", faultOf(error)),
      );
    if (untold > 0) this.#later(again);
  }

  [Symbol.dispose](): void {
    this.#stopped = true;
    for (const cancel of this.#waits) cancel();
    for (const process of this.#open.values()) process.stop();
  }

  #make(of: LoginProcessOf): LoginProcess {
    const { logins, store, clock, log } = this.#parts;
    const { user, network, login } = of;
    let atFirstNotice = false;
    let first = true;
    const process: LoginProcess = new LoginProcess(of, {
      clock,
      undisturbed: (act) => logins.undisturbed(user, network, act),
      reached: async (step) => {
        atFirstNotice = first && step.kind === "notice";
        // What ends it while this is stored removes it again.
        first = false;
        await store.write(this.#noted(of, step, atFirstNotice));
      },
      finished: (step, version): Promise<Login> => {
        const also = (tx: Writes): void => forget(tx, user);
        return step.kind === "kept"
          ? logins.agreedAgain(user, network, version, also)
          : logins.make({ user, network, login, version }, step, also);
      },
      unwanted: (step, version) => logins.takeBack({ user, network, login, version }, step),
      closed: async (state) => {
        if (this.#open.get(user) === process) this.#open.delete(user);
        this.#over.set(user, process);
        // Nothing was shown, what is stored says so already, or the notice can still be answered.
        if (first || state.kind === "done") return;
        if (atFirstNotice && state.kind === "ended" && state.why !== "cancelled") return;
        await this.#insist(
          () => store.write((tx) => forget(tx, user)),
          () => !this.#open.has(user),
        );
      },
      // A state is not told late where the process has another since, or the person has begun again.
      telling: (tell, state) =>
        this.#insist(tell, () => process.state === state && (this.#open.get(user) ?? process) === process),
      failing: (error) =>
        log.info("logging in did not go on", { network: network.id, flow: of.flow.id, ...faultOf(error) }),
    });
    return process;
  }

  /** Runs what must not be lost in an outage, and runs it again until it is done or wanted no more. */
  async #insist(act: () => Promise<void>, isWanted: () => boolean): Promise<void> {
    try {
      await act();
    } catch (error) {
      const { outage } = BridgeError.from(error);
      const what = `what came of logging in ${outage ? "waits to be" : "was not"} stored or told`;
      this.#parts.log[outage ? "info" : "warn"](what, faultOf(error));
      if (!outage) return;
      this.#later(() => {
        if (isWanted()) void this.#insist(act, isWanted);
      });
    }
  }

  #later(act: () => void): void {
    if (this.#stopped) return;
    const cancel = this.#parts.clock.after(TRY_AGAIN, () => {
      this.#waits.delete(cancel);
      act();
    });
    this.#waits.add(cancel);
  }

  /** The first notice can be answered after a restart too; what comes later is only told of then. */
  #noted(
    { user, network, flow }: LoginProcessOf,
    step: OpenStep,
    isFirstNotice: boolean,
  ): (tx: Writes) => void {
    const which = flow.id === network.flows[0]?.id ? "" : ` ${flow.id}`;
    return (tx) => {
      forget(tx, user);
      if (isFirstNotice && step.kind === "notice")
        tx.records.set(ASKED, user, `${network.id} ${step.version}${which}`);
      else tx.records.set(UNDER_WAY, user, network.id);
    };
  }
}

function forget(tx: Writes, user: UserId): void {
  tx.records.remove(ASKED, user);
  tx.records.remove(UNDER_WAY, user);
}
