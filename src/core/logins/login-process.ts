import { BridgeError } from "../model/errors.ts";
import type { LoginId, UserId } from "../model/ids.ts";
import type { Clock } from "../ports/clock.ts";
import type {
  DisplayStep,
  DoneStep,
  FieldsStep,
  KeptStep,
  LoginFlow,
  LoginStep,
  NoticeStep,
  WaitStep,
} from "../ports/login-flow.ts";
import type { Network } from "../ports/network.ts";
import type { Login } from "../ports/rows.ts";

/** Milliseconds without an action of the person after which a login process ends. */
const SILENCE_TIMEOUT = 900_000;
/** Milliseconds that a display may stay after it expired, before the process fails. */
const DISPLAY_GRACE = 30_000;

export type OpenStep = NoticeStep | FieldsStep | DisplayStep | WaitStep;

/** The state of a login process. */
export type ProcessState =
  | OpenStep
  | { readonly kind: "done"; readonly login: Login }
  | { readonly kind: "failed"; readonly words: string }
  | { readonly kind: "ended"; readonly why: "cancelled" | "replaced" | "silence" };

/** The person, network and flow of a login process. */
export interface LoginProcessOf {
  readonly user: UserId;
  readonly network: Network;
  readonly flow: LoginFlow;
  readonly login: LoginId;
  readonly again: boolean;
}

/** Called with a login process's state when it changes, unless the watcher itself changed it, as `by`. */
export type LoginWatcher = (state: ProcessState, process: LoginProcess) => Promise<void>;

interface LoginProcessParts {
  readonly clock: Clock;
  /** Runs a request to the network while no other one is made for this person. */
  readonly undisturbed: <T>(act: () => Promise<T>) => Promise<T>;
  /** Stores a state before it is shown. */
  readonly reached: (state: OpenStep) => Promise<void>;
  /** Stores the process's outcome; the person agreed to the notice's `version`. */
  readonly finished: (step: DoneStep | KeptStep, version: number) => Promise<Login>;
  /** Takes back an account that the network made while the process was ended. */
  readonly unwanted: (step: DoneStep, version: number) => Promise<void>;
  readonly closed: (state: ProcessState) => Promise<void>;
  /** Tells a watcher a state, at once or after an outage. */
  readonly telling: (tell: () => Promise<void>, state: ProcessState) => Promise<void>;
  /** Called when something that runs by itself has failed. */
  readonly failing: (error: unknown) => void;
}

/**
 * One conversation with a person about logging in: it takes one answer at a time, until it is done, fails or is ended.
 */
export class LoginProcess {
  readonly of: LoginProcessOf;
  readonly #parts: LoginProcessParts;
  readonly #abort = new AbortController();
  readonly #watchers = new Set<LoginWatcher>();
  #state: ProcessState | undefined;
  #turn = 0;
  /** The state that the watchers were last told. */
  #told: ProcessState | undefined;
  #changed = Promise.withResolvers<void>();
  #working = false;
  #stopped = false;
  /** The commit that is under way; an end that comes meanwhile is too late. */
  #finishing: Promise<Login> | undefined;
  #agreedVersion: number;
  #endSilence = (): void => {};
  #endDisplay = (): void => {};

  constructor(of: LoginProcessOf, parts: LoginProcessParts) {
    this.of = of;
    this.#parts = parts;
    this.#agreedVersion = of.network.noticeVersion;
  }

  /** The current state; undefined before the first step. */
  get state(): ProcessState | undefined {
    return this.#state;
  }

  /** Whether an answer is being handled; then no other is taken. */
  get isWorking(): boolean {
    return this.#working;
  }

  /** The number of the current state, by which an answer names the state it is for. */
  get turn(): number {
    return this.#turn;
  }

  /** Resolves when the state is another than that of `turn`, or `signal` aborts. */
  async beyond(turn: number, signal: AbortSignal): Promise<void> {
    if (this.#turn !== turn || signal.aborted) return;
    const aborted = Promise.withResolvers<void>();
    signal.addEventListener("abort", () => aborted.resolve(), { once: true });
    await Promise.race([this.#changed.promise, aborted.promise]);
  }

  /** Adds a watcher; one that was added before is still told once. */
  watch(watcher: LoginWatcher): void {
    this.#watchers.add(watcher);
  }

  isWatchedBy(watcher: LoginWatcher): boolean {
    return this.#watchers.has(watcher);
  }

  /** Starts the flow; resolves with its first step, or with the end where the person waited too long. */
  begin(): Promise<ProcessState> {
    const { flow, user, login, again } = this.of;
    return this.#run(() => flow.begin({ user, login, again, signal: this.#abort.signal }));
  }

  /** Passes on the person's yes to the open notice. Throws BridgeError; then the person may say it again. */
  async agree(step: NoticeStep, beside: string | undefined, by?: LoginWatcher): Promise<ProcessState> {
    const agreed = async (): Promise<LoginStep> => {
      const next = await step.agree(beside);
      this.#agreedVersion = step.version;
      return next;
    };
    const state = await this.#run(agreed, step);
    void this.#tell(state, by);
    return state;
  }

  /** Passes on the values of the open fields. Throws BridgeError; then the person may answer again. */
  async fill(
    step: FieldsStep,
    values: Readonly<Record<string, string>>,
    by?: LoginWatcher,
  ): Promise<ProcessState> {
    const state = await this.#run(() => step.fill(values), step);
    void this.#tell(state, by);
    return state;
  }

  /** Ends the process at once; an account that the network makes meanwhile is taken back. */
  async end(why: "cancelled" | "replaced" | "silence", by?: LoginWatcher): Promise<void> {
    await this.#finishing?.catch(() => undefined);
    if (this.#isOver) return;
    void this.#tell(await this.#close({ kind: "ended", why }), by);
  }

  /**
   * Stops the process with the bridge: an answer under way is carried out, nothing more is shown, and the next start
   * tells the person.
   */
  stop(): void {
    this.#stopped = true;
    this.#endSilence();
    this.#endDisplay();
    if (!this.#working) this.#abort.abort();
  }

  get #isOver(): boolean {
    return isOver(this.#state);
  }

  async #run(act: () => Promise<LoginStep>, answers?: OpenStep): Promise<ProcessState> {
    if (isOver(this.#state)) return this.#state;
    if (this.#working || this.#state !== answers) throw busy();
    this.#working = true;
    this.#restartSilence();
    try {
      return await this.#parts.undisturbed(async () => this.#enterStep(await act()));
    } catch (error) {
      if (isOver(this.#state)) return this.#state;
      if (answers === undefined) await this.#close({ kind: "failed", words: BridgeError.from(error).words });
      throw error;
    } finally {
      this.#working = false;
    }
  }

  async #enterStep(step: LoginStep): Promise<ProcessState> {
    const { reached, finished, unwanted } = this.#parts;
    if (isOver(this.#state)) {
      if (step.kind === "done") await unwanted(step, this.#agreedVersion);
      return this.#state;
    }
    switch (step.kind) {
      case "done":
      case "kept": {
        this.#finishing = finished(step, this.#agreedVersion);
        try {
          return await this.#close({ kind: "done", login: await this.#finishing });
        } finally {
          this.#finishing = undefined;
        }
      }
      case "failed":
        return this.#close({ kind: "failed", words: step.words });
      case "notice":
      case "fields":
      case "display":
      case "wait":
        await reached(step);
        if (isOver(this.#state)) return this.#state;
        this.#enter(step);
        this.#continueFrom(step);
        return step;
    }
  }

  #continueFrom(step: OpenStep): void {
    this.#endDisplay();
    if (step.kind === "notice" || step.kind === "fields") return;
    if (step.kind === "display") {
      const { clock } = this.#parts;
      const expire = () => this.#endUnasked({ kind: "failed", words: EXPIRED });
      this.#endDisplay = clock.after(Math.max(0, step.expiresAt - clock.now()) + DISPLAY_GRACE, expire);
    }
    this.#awaitNext(step).catch((error: unknown) => this.#parts.failing(error));
  }

  /** Waits for the step after a display or a wait, which comes without an answer of the person. */
  async #awaitNext(step: DisplayStep | WaitStep): Promise<void> {
    const { undisturbed, failing } = this.#parts;
    try {
      const next = await step.next();
      const wasOver = this.#isOver;
      const state = await undisturbed(() => this.#enterStep(next));
      if (!wasOver) await this.#tell(state);
    } catch (error) {
      if (this.#isOver || this.#stopped) return;
      failing(error);
      this.#endUnasked({ kind: "failed", words: BridgeError.from(error).words });
    }
  }

  /** Ends the process unasked, and shows that. */
  #endUnasked(state: ProcessState): void {
    if (this.#isOver || this.#finishing) return;
    this.#close(state)
      .then(() => this.#tell(state))
      .catch((error: unknown) => this.#parts.failing(error));
  }

  #restartSilence(): void {
    this.#endSilence();
    this.#endSilence = this.#parts.clock.after(SILENCE_TIMEOUT, () => {
      if (this.#working) this.#restartSilence();
      else this.#endUnasked({ kind: "ended", why: "silence" });
    });
  }

  async #close(state: ProcessState): Promise<ProcessState> {
    this.#enter(state);
    this.#release();
    await this.#parts.closed(state);
    return state;
  }

  #enter(state: ProcessState): void {
    this.#state = state;
    this.#turn += 1;
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }

  async #tell(state: ProcessState, by?: LoginWatcher): Promise<void> {
    // Of a state that is over by now nobody need be told: whoever entered the next one tells that.
    if (this.#stopped || this.#told === state || this.#state !== state) return;
    this.#told = state;
    const others = Array.from(this.#watchers).filter((watcher) => watcher !== by);
    const { telling, failing } = this.#parts;
    const tell = (watcher: LoginWatcher) => telling(() => watcher(state, this), state).catch(failing);
    await Promise.all(others.map(tell));
  }

  #release(): void {
    this.#endSilence();
    this.#endDisplay();
    this.#abort.abort();
  }
}

const isOver = (state: ProcessState | undefined): state is Exclude<ProcessState, OpenStep> =>
  state !== undefined && (state.kind === "done" || state.kind === "failed" || state.kind === "ended");

const EXPIRED = "It was not used in time, and is no longer good.";

const busy = (): BridgeError =>
  new BridgeError("bad-input", {
    words: "Your answer before is still being worked on. Please wait for what comes of it.",
    certain: true,
  });
