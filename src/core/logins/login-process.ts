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

/** Milliseconds since a person last did something after which a conversation ends. */
const LONGEST_SILENCE = 900_000;
/** Milliseconds a display may stand after it expired, before the conversation fails. */
const GRACE = 30_000;

export type OpenStep = NoticeStep | FieldsStep | DisplayStep | WaitStep;

/** Where a conversation stands, for whoever leads it with the person. */
export type ProcessState =
  | OpenStep
  | { readonly kind: "done"; readonly login: Login }
  | { readonly kind: "failed"; readonly words: string }
  | { readonly kind: "ended"; readonly why: "cancelled" | "replaced" | "silence" };

/** Who a conversation is with, and about what. */
export interface LoginProcessOf {
  readonly user: UserId;
  readonly network: Network;
  readonly flow: LoginFlow;
  readonly login: LoginId;
  readonly again: boolean;
}

/** Is told where a conversation stands whenever that changes by itself, or by somebody else's doing. */
export type LoginWatcher = (state: ProcessState, process: LoginProcess) => Promise<void>;

interface LoginProcessParts {
  readonly clock: Clock;
  /** Runs what the network is asked while nothing else is asked of it for this person. */
  readonly undisturbed: <T>(act: () => Promise<T>) => Promise<T>;
  /** The state is stored before it is shown. */
  readonly reached: (state: OpenStep) => Promise<void>;
  /** Stores what came of it; the person agreed to the notice's `version`. */
  readonly finished: (step: DoneStep | KeptStep, version: number) => Promise<Login>;
  /** It was ended while the network made the account. */
  readonly unwanted: (step: DoneStep, version: number) => Promise<void>;
  readonly closed: (state: ProcessState) => Promise<void>;
  /** Tells a watcher of a state, now or when that is possible again. */
  readonly telling: (tell: () => Promise<void>, state: ProcessState) => Promise<void>;
  /** What goes on by itself did not. */
  readonly failing: (error: unknown) => void;
}

/** One conversation with a person about logging in: one answer at a time, until it is done, fails or is ended. */
export class LoginProcess {
  readonly of: LoginProcessOf;
  readonly #parts: LoginProcessParts;
  readonly #abort = new AbortController();
  readonly #watchers = new Set<LoginWatcher>();
  #state: ProcessState | undefined;
  #turn = 0;
  /** What its watchers know. */
  #told: ProcessState | undefined;
  #changed = Promise.withResolvers<void>();
  #working = false;
  #stopped = false;
  /** The commit that is under way: what ends the conversation comes too late for it. */
  #finishing: Promise<Login> | undefined;
  #agreed: number;
  #endSilence = (): void => {};
  #endDisplay = (): void => {};

  constructor(of: LoginProcessOf, parts: LoginProcessParts) {
    this.of = of;
    this.#parts = parts;
    this.#agreed = of.network.noticeVersion;
  }

  /** Undefined until the first step is there. */
  get state(): ProcessState | undefined {
    return this.#state;
  }

  /** Whether an answer is being worked on, so that it takes no other. */
  get isWorking(): boolean {
    return this.#working;
  }

  /** Counts the states it has been in, so that an answer can name the one it is for. */
  get turn(): number {
    return this.#turn;
  }

  /** Resolves when it is in another state than that of `turn`, or `signal` aborts. */
  async beyond(turn: number, signal: AbortSignal): Promise<void> {
    if (this.#turn !== turn || signal.aborted) return;
    const aborted = Promise.withResolvers<void>();
    signal.addEventListener("abort", () => aborted.resolve(), { once: true });
    await Promise.race([this.#changed.promise, aborted.promise]);
  }

  /** Whoever watches already is told once all the same. */
  watch(watcher: LoginWatcher): void {
    this.#watchers.add(watcher);
  }

  isWatchedBy(watcher: LoginWatcher): boolean {
    return this.#watchers.has(watcher);
  }

  /** Its first step, or the end where that took too long for the person. */
  begin(): Promise<ProcessState> {
    const { flow, user, login, again } = this.of;
    return this.#take(() => flow.begin({ user, login, again, signal: this.#abort.signal }));
  }

  /**
   * The person says yes to the notice that is open. Throws BridgeError, and then may be said again. `by`, who hands it
   * over, is not told of what it answers.
   */
  async agree(step: NoticeStep, beside: string | undefined, by?: LoginWatcher): Promise<ProcessState> {
    const agreed = async (): Promise<LoginStep> => {
      const next = await step.agree(beside);
      this.#agreed = step.version;
      return next;
    };
    const state = await this.#take(agreed, step);
    void this.#tell(state, by);
    return state;
  }

  /** The person typed what is asked for. Throws BridgeError, and then may be answered again. `by`: see {@link agree}. */
  async fill(
    step: FieldsStep,
    values: Readonly<Record<string, string>>,
    by?: LoginWatcher,
  ): Promise<ProcessState> {
    const state = await this.#take(() => step.fill(values), step);
    void this.#tell(state, by);
    return state;
  }

  /** Ends it, whatever is under way: an account that the network makes meanwhile is taken back. `by`: see {@link agree}. */
  async end(why: "cancelled" | "replaced" | "silence", by?: LoginWatcher): Promise<void> {
    await this.#finishing?.catch(() => undefined);
    if (this.#isOver) return;
    void this.#tell(await this.#close({ kind: "ended", why }), by);
  }

  /** The bridge stops: nothing more is shown, and the next start tells the person. What is answered is carried out. */
  stop(): void {
    this.#stopped = true;
    this.#endSilence();
    this.#endDisplay();
    if (!this.#working) this.#abort.abort();
  }

  get #isOver(): boolean {
    return isOver(this.#state);
  }

  async #take(act: () => Promise<LoginStep>, answers?: OpenStep): Promise<ProcessState> {
    if (isOver(this.#state)) return this.#state;
    if (this.#working || this.#state !== answers) throw busy();
    this.#working = true;
    this.#awaitPerson();
    try {
      return await this.#parts.undisturbed(async () => this.#reach(await act()));
    } catch (error) {
      if (isOver(this.#state)) return this.#state;
      if (answers === undefined) await this.#close({ kind: "failed", words: BridgeError.from(error).words });
      throw error;
    } finally {
      this.#working = false;
    }
  }

  async #reach(step: LoginStep): Promise<ProcessState> {
    const { reached, finished, unwanted } = this.#parts;
    if (isOver(this.#state)) {
      if (step.kind === "done") await unwanted(step, this.#agreed);
      return this.#state;
    }
    switch (step.kind) {
      case "done":
      case "kept": {
        this.#finishing = finished(step, this.#agreed);
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
        this.#goOnFrom(step);
        return step;
    }
  }

  #goOnFrom(step: OpenStep): void {
    this.#endDisplay();
    if (step.kind === "notice" || step.kind === "fields") return;
    if (step.kind === "display") {
      const { clock } = this.#parts;
      const late = () => this.#endedBy({ kind: "failed", words: EXPIRED });
      this.#endDisplay = clock.after(Math.max(0, step.expiresAt - clock.now()) + GRACE, late);
    }
    this.#goOn(step).catch((error: unknown) => this.#parts.failing(error));
  }

  /** What a display or a wait comes to, without an answer of the person. */
  async #goOn(step: DisplayStep | WaitStep): Promise<void> {
    const { undisturbed, failing } = this.#parts;
    try {
      const next = await step.next();
      const wasOver = this.#isOver;
      const state = await undisturbed(() => this.#reach(next));
      if (!wasOver) await this.#tell(state);
    } catch (error) {
      if (this.#isOver || this.#stopped) return;
      failing(error);
      this.#endedBy({ kind: "failed", words: BridgeError.from(error).words });
    }
  }

  /** It ends without anybody's asking. */
  #endedBy(state: ProcessState): void {
    if (this.#isOver || this.#finishing) return;
    this.#close(state)
      .then(() => this.#tell(state))
      .catch((error: unknown) => this.#parts.failing(error));
  }

  #awaitPerson(): void {
    this.#endSilence();
    this.#endSilence = this.#parts.clock.after(LONGEST_SILENCE, () => {
      if (this.#working) this.#awaitPerson();
      else this.#endedBy({ kind: "ended", why: "silence" });
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
    if (this.#stopped || this.#told === state) return;
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
