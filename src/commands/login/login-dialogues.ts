import { handleOf } from "../../core/chats/login-handle.ts";
import type { CommandScope } from "../../core/command-scope.ts";
import { knownAsSentence } from "../../core/logins/account-words.ts";
import type {
  LoginProcess,
  LoginProcessOf,
  LoginWatcher,
  ProcessState,
} from "../../core/logins/login-process.ts";
import type { AskedNotice } from "../../core/logins/login-processes.ts";
import { type Answer, isQuestion, wordsOf } from "../../core/management/answers.ts";
import { forgetQuestion } from "../../core/management/questions.ts";
import type { EventId, RoomId, UserId } from "../../core/model/ids.ts";
import { connectedSoon } from "../../core/people/connected-soon.ts";
import type { Clock } from "../../core/ports/clock.ts";
import type { DisplayStep, FieldsStep, LoginField, LoginFlow } from "../../core/ports/login-flow.ts";
import type { Network } from "../../core/ports/network.ts";
import type { Login } from "../../core/ports/rows.ts";
import { SerialByKey } from "../../core/runtime/serial-by-key.ts";
import * as words from "./step-words.ts";

type StateOf<K extends ProcessState["kind"]> = Extract<ProcessState, { kind: K }>;
type DialogueOf = Pick<LoginProcessOf, "user" | "network">;

interface LoginDialoguesContext
  extends Pick<
    CommandScope,
    "processes" | "secrets" | "tell" | "networks" | "connections" | "spaces" | "store" | "tools"
  > {
  readonly clock: Clock;
}

/** A person's message in their management room. */
interface PersonMessage {
  readonly user: UserId;
  readonly room: RoomId;
  readonly event: EventId;
}

/** What became of a message that may be a secret: `left` where the bot may not delete it. */
export type LateSecret = "none" | "deleted" | "left";

/** Leads people through a network's login flows in their management rooms. */
export class LoginDialogues {
  readonly #context: LoginDialoguesContext;
  /** The values typed so far for a step with several fields, by the fields' ids. */
  readonly #typed = new WeakMap<FieldsStep, Map<string, string>>();
  /** People whose next message may be a secret, as they were asked for one, even if it comes too late. */
  readonly #secretAskers = new Set<UserId>();
  /** Serial by person, so that what is said unasked follows the answer before it. */
  readonly #serial = new SerialByKey();
  /** Says in the management room what others did in a login process that was spoken of there. */
  readonly #watcher: LoginWatcher = (state, process) => this.#sayUnasked(process, state);

  constructor(context: LoginDialoguesContext) {
    this.#context = context;
  }

  /**
   * Tells people whose login process the bridge's end interrupted that they must begin again, and removes its codes
   * from their rooms.
   */
  async resume(): Promise<void> {
    const { processes, secrets, networks, tell } = this.#context;
    await secrets.takeAllAway();
    await processes.tellInterrupted((user, network, told) => {
      this.#secretAskers.add(user);
      const name = networks.get(network)?.name ?? network;
      return tell(user, words.interruptedWords(network, name), told);
    });
  }

  begin(user: UserId, network: Network, flow: LoginFlow): Promise<readonly Answer[]> {
    return this.#serial.run(user, async () => {
      const process = await this.#begin(user, network, flow);
      return this.#answersTo(process.of, process.state);
    });
  }

  /** The login process of the open notice; a new one where the bridge was restarted since the notice was shown. */
  async processOf(user: UserId, { network, flow }: AskedNotice): Promise<LoginProcess> {
    return this.#context.processes.of(user) ?? this.#begin(user, network, flow);
  }

  agree(
    process: LoginProcess,
    notice: StateOf<"notice">,
    beside: string | undefined,
  ): Promise<readonly Answer[]> {
    const { of } = process;
    process.watch(this.#watcher);
    return this.#serial.run(of.user, async () =>
      this.#answersTo(of, await process.agree(notice, beside, this.#watcher)),
    );
  }

  /** Whether the person is asked for a field, so that what they write is its value. */
  isAsking(user: UserId): boolean {
    return this.#context.processes.of(user)?.state?.kind === "fields";
  }

  /** Whether the person's message may be a secret, which must not be repeated to them. */
  mayBeSecret(user: UserId): boolean {
    return this.#secretAskers.has(user);
  }

  /** Deletes a message that nobody asks for, where it may be a secret that comes too late. */
  async deleteLateSecret({ user, room, event }: PersonMessage): Promise<LateSecret> {
    if (!this.mayBeSecret(user)) return "none";
    return (await this.#context.secrets.takeOut(room, event)) ? "deleted" : "left";
  }

  /** Takes what the person typed for the field that is asked for; undefined where none is. */
  async fill(request: PersonMessage, typed: string): Promise<readonly Answer[] | undefined> {
    const process = this.#context.processes.of(request.user);
    const step = process?.state;
    if (!process || step?.kind !== "fields") {
      await this.deleteLateSecret(request);
      return undefined;
    }
    const field = this.#nextField(step);
    if (!field) throw new Error("nothing is asked for");
    if (field.secret) await this.#deleteSecret(request);
    const checked = field.check(typed);
    if ("wrong" in checked) return [this.#askFor(request.user, checked.wrong, field)];
    process.watch(this.#watcher);
    const values = this.#valuesOf(step).set(field.id, checked.value);
    const next = this.#nextField(step);
    if (next) return [this.#askFor(request.user, "", next)];
    try {
      return await this.#serial.run(request.user, async () =>
        this.#answersTo(process.of, await process.fill(step, Object.fromEntries(values), this.#watcher)),
      );
    } finally {
      // The last field is asked for again if the values could not be passed on.
      values.delete(field.id);
    }
  }

  /** Ends the person's login process at once, outside their turn. */
  async cancel(user: UserId): Promise<readonly string[] | undefined> {
    const { processes, secrets } = this.#context;
    const process = processes.of(user);
    await process?.end("cancelled", this.#watcher);
    await secrets.takeAway(user);
    if (!process) return undefined;
    // It was completed at the same moment, and the person is told that it is on.
    if (process.state?.kind === "done") return [];
    return [words.cancelledWords(process.of.network)];
  }

  /** The words for a login that was made, with what to do next. */
  async onWords(login: Login, network: Network): Promise<string> {
    const context = this.#context;
    const isConnected = await connectedSoon(login.id, context);
    if ((await context.store.logins.get(login.id))?.state !== "active") return words.offAgainWords(network);
    if (!isConnected) {
      return `${network.name} is on, but the connection is not up yet; I keep trying. Write “status” to see how it goes.`;
    }
    const handle = await handleOf(context.store, login);
    const next = `To write to somebody, send “start-chat ${handle} …” with ${network.addressing}.`;
    return `${network.name} is on and connected. ${knownAsSentence(network, login.visibleId)} ${next}${await this.#placeWords(login.user)}`;
  }

  async #begin(user: UserId, network: Network, flow: LoginFlow): Promise<LoginProcess> {
    const { processes, secrets } = this.#context;
    await secrets.takeAway(user);
    return processes.begin(user, network, flow, this.#watcher);
  }

  /** Says a state that came by itself, or by what the person did elsewhere. */
  #sayUnasked({ of }: LoginProcess, state: ProcessState): Promise<void> {
    const { tell, processes } = this.#context;
    return this.#serial.run(of.user, async () => {
      // What is shown in the room is the next login process's by now.
      if (state.kind === "ended" && processes.of(of.user)?.isWatchedBy(this.#watcher)) return;
      for (const answer of await this.#answersTo(of, state))
        await tell(of.user, wordsOf(answer), (tx) => isQuestion(answer) && forgetQuestion(tx, of.user));
      if (state.kind === "ended" && state.why === "cancelled")
        await tell(of.user, words.cancelledWords(of.network));
    });
  }

  async #answersTo(
    { user, network }: DialogueOf,
    state: ProcessState | undefined,
  ): Promise<readonly Answer[]> {
    if (state?.kind === "display") {
      await this.#show(user, state);
      return [];
    }
    await this.#context.secrets.takeAway(user);
    switch (state?.kind) {
      case "notice":
        return [words.noticeQuestion(network, state)];
      case "fields": {
        const field = this.#nextField(state);
        return field ? [this.#askFor(user, state.words, field)] : [];
      }
      case "wait":
        // Said at once: an answer would follow what comes of the wait.
        await this.#context.tell(user, words.waitWords(state.words));
        return [];
      case "done":
        this.#secretAskers.delete(user);
        return [await this.onWords(state.login, network)];
      case "failed":
        return [words.failedWords(network, state.words)];
      case "ended":
        return this.#answersToEnd(user, network, state);
      case undefined:
        return [];
    }
  }

  async #answersToEnd(user: UserId, network: Network, { why }: StateOf<"ended">): Promise<readonly string[]> {
    // Whoever ended it was told so, or is shown what replaced it.
    if (why !== "silence") return [];
    // An open notice can still be answered.
    return (await this.#context.processes.asked(user)) ? [] : [words.silenceWords(network)];
  }

  async #show(user: UserId, step: DisplayStep): Promise<void> {
    const { secrets, processes } = this.#context;
    const isCurrent = (): boolean => processes.of(user)?.state === step;
    await secrets.show(user, await this.#displayAnswer(step), isCurrent);
  }

  async #displayAnswer({ what, words: text }: DisplayStep): Promise<Answer> {
    const caption = words.displayWords(text);
    if (what.kind !== "qr") return `${caption}\n${what.kind === "link" ? what.url : what.code}`;
    const picture = await this.#context.tools.qrCode(new TextEncoder().encode(what.data));
    return { ...picture, name: "code.png", caption };
  }

  async #deleteSecret({ user, room, event }: PersonMessage): Promise<void> {
    const { secrets, tell } = this.#context;
    if (!(await secrets.takeOut(room, event))) await tell(user, words.NOT_DELETED);
  }

  #askFor(user: UserId, before: string, field: LoginField): string {
    if (field.secret) this.#secretAskers.add(user);
    return words.fieldWords(before, field);
  }

  #valuesOf(step: FieldsStep): Map<string, string> {
    const values = this.#typed.get(step) ?? new Map<string, string>();
    this.#typed.set(step, values);
    return values;
  }

  #nextField(step: FieldsStep): LoginField | undefined {
    return step.fields.find(({ id }) => !this.#valuesOf(step).has(id));
  }

  async #placeWords(user: UserId): Promise<string> {
    return (await this.#context.spaces.mode(user)) === "separate"
      ? " Your chats are kept in the Space “Third-party chats”; “inbox combined” puts them among your direct chats."
      : " Your chats appear among your direct chats; “inbox separate” keeps them in a Space of their own.";
  }
}
