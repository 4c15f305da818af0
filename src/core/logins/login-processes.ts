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

/** The scope of the notice that each person was last shown and has not answered: network, version, flow. */
const ASKED = "consent-asked";
/** The scope of the login processes that a restart interrupts: the network. */
const UNDER_WAY = "logging-in";

/** Milliseconds until a write or notice that failed in an outage is tried again. */
const RETRY_AFTER = 30_000;

/** Tells a person that their login process for a network was interrupted; `told` is committed with it. */
type TellInterrupted = (user: UserId, network: NetworkId, told: (tx: Writes) => void) => Promise<void>;

/** A notice that was shown and not answered; it can be answered after a restart, while it is the network's newest. */
export interface AskedNotice {
  readonly network: Network;
  readonly flow: LoginFlow;
  readonly version: number;
}

/** People's login processes, one for each person: a new one ends the one before. */
export class LoginProcesses implements Disposable {
  readonly #parts: LoginProcessesParts;
  readonly #open = new Map<UserId, LoginProcess>();
  /** Each person's last process that has ended, for whoever asks about its end. */
  readonly #over = new Map<UserId, LoginProcess>();
  /** Cancel the timers of the next tries. */
  readonly #timers = new Set<() => void>();
  #stopped = false;

  constructor(parts: LoginProcessesParts) {
    this.#parts = parts;
  }

  of(user: UserId): LoginProcess | undefined {
    return this.#open.get(user);
  }

  /** The person's process for a login of this id, open or their last one. */
  find(user: UserId, login: LoginId): LoginProcess | undefined {
    return [this.#open.get(user), this.#over.get(user)].find((process) => process?.of.login === login);
  }

  /** Begins a process, which `by` watches from its first step on. Throws BridgeError where the flow cannot be begun. */
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

  /** The open notice of a person; its process can be started anew where the bridge was restarted. */
  async asked(user: UserId): Promise<AskedNotice | undefined> {
    const { store, networks } = this.#parts;
    const [id, version, named] = ((await store.records.get(ASKED, user)) ?? "").split(" ");
    const network = networks.get(id as NetworkId);
    const flow = network?.flows.find((one) => one.id === named) ?? network?.flows[0];
    return network && flow && version ? { network, flow, version: Number(version) } : undefined;
  }

  /** Forgets the open notice of a person, which cannot be answered any more. */
  forgetAsked(user: UserId): Promise<void> {
    return this.#parts.store.write((tx) => tx.records.remove(ASKED, user));
  }

  /** Tells people of the login processes that the bridge's end interrupted; a failure is tried again later. */
  async tellInterrupted(tell: TellInterrupted): Promise<void> {
    const { store, log } = this.#parts;
    let failures = 0;
    for (const { name, value } of await store.records.all(UNDER_WAY)) {
      const user = name as UserId;
      // The person has begun again.
      if (this.#open.has(user)) continue;
      try {
        await tell(user, value as NetworkId, (tx) => tx.records.remove(UNDER_WAY, user));
      } catch (error) {
        failures += 1;
        log.info("a person is told later that logging in was interrupted", faultOf(error));
      }
    }
    const retry = (): void =>
      void this.tellInterrupted(tell).catch((error: unknown) =>
        log.warn("people are not told that logging in was interrupted", faultOf(error)),
      );
    if (failures > 0) this.#setTimer(retry);
  }

  [Symbol.dispose](): void {
    this.#stopped = true;
    for (const cancel of this.#timers) cancel();
    for (const process of this.#open.values()) process.stop();
  }

  #make(of: LoginProcessOf): LoginProcess {
    const { logins, store, clock, log } = this.#parts;
    const { user, network, login } = of;
    let isAtFirstNotice = false;
    let isFirst = true;
    const process: LoginProcess = new LoginProcess(of, {
      clock,
      undisturbed: (act) => logins.undisturbed(user, network, act),
      reached: async (step) => {
        isAtFirstNotice = isFirst && step.kind === "notice";
        // Set before the write, so that an end meanwhile deletes the record again.
        isFirst = false;
        await store.write(this.#noteStep(of, step, isAtFirstNotice));
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
        // Nothing to delete: no step was shown, or the login's commit deleted it, or the notice can still be answered.
        if (isFirst || state.kind === "done") return;
        if (isAtFirstNotice && state.kind === "ended" && state.why !== "cancelled") return;
        await this.#untilDone(
          () => store.write((tx) => forget(tx, user)),
          () => !this.#open.has(user),
        );
      },
      // A state is not told late if the process has another by then, or the person has begun again.
      telling: (tell, state) =>
        this.#untilDone(tell, () => process.state === state && (this.#open.get(user) ?? process) === process),
      failing: (error) =>
        log.info("logging in did not go on", { network: network.id, flow: of.flow.id, ...faultOf(error) }),
    });
    return process;
  }

  /** Runs an act that an outage must not lose, and again until it is done or no longer wanted. */
  async #untilDone(act: () => Promise<void>, isWanted: () => boolean): Promise<void> {
    try {
      await act();
    } catch (error) {
      const { outage } = BridgeError.from(error);
      const what = `what came of logging in ${outage ? "waits to be" : "was not"} stored or told`;
      this.#parts.log[outage ? "info" : "warn"](what, faultOf(error));
      if (!outage) return;
      this.#setTimer(() => {
        if (isWanted()) void this.#untilDone(act, isWanted);
      });
    }
  }

  #setTimer(act: () => void): void {
    if (this.#stopped) return;
    const cancel = this.#parts.clock.after(RETRY_AFTER, () => {
      this.#timers.delete(cancel);
      act();
    });
    this.#timers.add(cancel);
  }

  /**
   * The writes for a step that is shown. A first notice can be answered after a restart; later steps are then told of
   * as interrupted.
   */
  #noteStep(
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
