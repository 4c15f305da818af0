import type { LoginFlow, LoginStep } from "../api/answers.ts";
import { type Api, path } from "../api/api.ts";
import { Refusal } from "../api/refusal.ts";

/** How a login ended that this page has shown. */
export type LoginEnd =
  | { readonly kind: "done"; readonly network: string; readonly login: string }
  | { readonly kind: "failed"; readonly network: string; readonly words: string }
  | { readonly kind: "gone"; readonly network: string };

/** Milliseconds until something is asked again that was not answered. */
const LATER = 2_500;

/** Whether the login goes on after it: nobody answered, or not now. */
const isPassing = ({ status }: Refusal): boolean => [0, 401, 409, 429, 503].includes(status);

/** The login that is under way, wherever it was begun and whoever answers it: this page, another, or the chat with the bot. */
export class LoginWatch {
  readonly #api: Api;
  readonly #changed: () => void;
  /** The step's code as a PNG in base64, once it is there. */
  picture: string | undefined;
  step: LoginStep | undefined;
  end: LoginEnd | undefined;
  /** Whether an answer of this page is on its way. */
  isBusy = false;
  /** Whether the person began it here, or answered it here: they look at it. */
  isOurs = false;
  #isClosed = false;
  #isWaiting = false;

  constructor(api: Api, changed: () => void) {
    this.#api = api;
    this.#changed = changed;
  }

  /** Throws Refusal. */
  async begin(flow: LoginFlow): Promise<void> {
    this.isOurs = true;
    await this.#answering(flow.network_id, () =>
      this.#api.ask<LoginStep>("POST", path(["v3", "login", "start", flow.id])),
    );
  }

  /** Throws Refusal where the answer was not taken, and may be given again. */
  async answer(values: Readonly<Record<string, string>>): Promise<void> {
    const { step } = this;
    if (step === undefined) return;
    this.isOurs = true;
    await this.#answering(step.network_id, () =>
      this.#api.ask<LoginStep>("POST", this.#of(step, "user_input"), values),
    );
  }

  async cancel(): Promise<void> {
    const { step } = this;
    if (step === undefined) return;
    this.#show(undefined);
    await this.#api
      .ask("POST", path(["v3", "login", "cancel", step.login_id]))
      // It is over already.
      .catch((cause: unknown) => Refusal.from(cause).status === 404 || Promise.reject(cause));
  }

  /** Puts away how the last one ended. */
  close(): void {
    this.end = undefined;
    this.isOurs = false;
    this.#changed();
  }

  /** Sees what was begun, answered or ended elsewhere. Throws Refusal. */
  async look(): Promise<void> {
    const before = this.step;
    if (this.isBusy || this.#isClosed) return;
    const answer = await this.#api
      .ask<{ step: LoginStep | null; picture?: string }>("GET", "/person/v1/login")
      // It has just ended in vain, which is what is asked about next.
      .catch((cause: unknown) =>
        Refusal.from(cause).status === 400 ? { step: null } : Promise.reject(cause),
      );
    const { step, picture } = answer as { step: LoginStep | null; picture?: string };
    if (this.isBusy || this.step !== before) return;
    if (step !== null && step.type !== "complete") {
      const isNews = this.picture !== picture;
      this.picture = picture;
      this.#show(step);
      if (isNews) this.#changed();
    } else if (before !== undefined) await this.#pass(before);
  }

  dispose(): void {
    this.#isClosed = true;
  }

  #show(step: LoginStep | undefined): void {
    const same = step !== undefined && this.step?.step_id === step.step_id;
    if (same && this.step?.login_id === step.login_id && !("problem" in step)) return;
    this.step = step;
    if (step !== undefined) this.end = undefined;
    if (step?.type === "complete") {
      this.end = { kind: "done", network: step.network_id, login: step.complete.user_login_id };
      this.step = undefined;
    }
    if (step?.type !== "display_and_wait") this.picture = undefined;
    this.#changed();
    if (step?.type === "display_and_wait") void this.#wait();
  }

  /** Waits for what comes after a step that nobody types an answer to. */
  async #wait(): Promise<void> {
    if (this.#isWaiting) return;
    this.#isWaiting = true;
    while (this.step?.type === "display_and_wait" && !this.#isClosed) await this.#pass(this.step);
    this.#isWaiting = false;
  }

  async #pass(step: LoginStep): Promise<void> {
    try {
      const next = await this.#api.ask<LoginStep>("POST", this.#of(step, "display_and_wait"));
      if (this.step !== step) return;
      this.#show(next);
      await this.#depict();
    } catch (cause) {
      if (this.step === step) await this.#failed(step.network_id, Refusal.from(cause));
    }
  }

  /** Gets the picture of a code that is new. */
  async #depict(): Promise<void> {
    const { step } = this;
    if (step?.type === "display_and_wait" && step.display_and_wait.type === "qr")
      await this.look().catch(() => undefined);
  }

  async #answering(network: string, act: () => Promise<LoginStep>): Promise<void> {
    this.isBusy = true;
    this.end = undefined;
    this.#changed();
    try {
      const step = await act();
      this.isBusy = false;
      this.#show(step);
      await this.#depict();
    } catch (cause) {
      this.isBusy = false;
      const refusal = Refusal.from(cause);
      if (this.step === undefined || isPassing(refusal)) {
        this.#changed();
        throw refusal;
      }
      await this.#failed(network, refusal);
    }
  }

  async #failed(network: string, refusal: Refusal): Promise<void> {
    const { status, errcode, message } = refusal;
    if (isPassing(refusal)) {
      this.#changed();
      await new Promise((done) => setTimeout(done, LATER));
      return;
    }
    // The step was answered elsewhere meanwhile.
    if (errcode === "M_BAD_STATE") return this.look().catch(() => undefined);
    this.step = undefined;
    const isGone = status === 404 || errcode === "FI.MAU.BRIDGE.LOGIN_CANCELLED";
    this.end = isGone ? { kind: "gone", network } : { kind: "failed", network, words: message };
    this.#changed();
  }

  #of({ login_id, step_id }: LoginStep, kind: "user_input" | "display_and_wait"): string {
    return path(["v3", "login", "step", login_id, step_id, kind]);
  }
}
