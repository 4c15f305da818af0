import { handleOf } from "../../core/chats/login-handle.ts";
import type { CommandScope } from "../../core/command-scope.ts";
import type { LoginProcess, LoginProcessOf, ProcessState } from "../../core/logins/login-process.ts";
import type { AskedNotice } from "../../core/logins/login-processes.ts";
import type { Answer } from "../../core/management/answers.ts";
import type { EventId, RoomId, UserId } from "../../core/model/ids.ts";
import type { Clock } from "../../core/ports/clock.ts";
import { faultOf } from "../../core/ports/log.ts";
import type { DisplayStep, FieldsStep, LoginField, LoginFlow } from "../../core/ports/login-flow.ts";
import type { Network } from "../../core/ports/network.ts";
import type { Login } from "../../core/ports/rows.ts";
import { SerialByKey } from "../../core/runtime/serial-by-key.ts";
import { connectedSoon } from "../connected-soon.ts";
import * as words from "./step-words.ts";

type Step<K extends ProcessState["kind"]> = Extract<ProcessState, { kind: K }>;
type With = Pick<LoginProcessOf, "user" | "network">;

interface DialogueScene
  extends Pick<
    CommandScope,
    "processes" | "secrets" | "tell" | "networks" | "connections" | "inboxes" | "store" | "tools" | "log"
  > {
  readonly clock: Clock;
}

/** A message of a person in their management room. */
interface Written {
  readonly user: UserId;
  readonly room: RoomId;
  readonly event: EventId;
}

/** Leads people through a network's login flows in their management rooms. */
export class LoginDialogues {
  readonly #scene: DialogueScene;
  /** What was typed of a step with several fields, by the fields' ids. */
  readonly #typed = new WeakMap<FieldsStep, Map<string, string>>();
  /** Who was asked for a secret last: what they write may be that, also where it comes too late. */
  readonly #secretive = new Set<UserId>();
  /** One turn a person, so that what comes by itself is said behind the answer it follows. */
  readonly #turns = new SerialByKey();

  constructor(scene: DialogueScene) {
    this.#scene = scene;
  }

  /** What was under way when the bridge ended has to be begun again, and its code leads nowhere. */
  async resume(): Promise<void> {
    const { processes, secrets, networks, tell } = this.#scene;
    await secrets.takeAllAway();
    await processes.tellInterrupted((user, network, told) => {
      this.#secretive.add(user);
      const name = networks.get(network)?.name ?? network;
      return tell(user, words.interruptedWords(network, name), told);
    });
  }

  begin(user: UserId, network: Network, flow: LoginFlow): Promise<readonly Answer[]> {
    return this.#turns.run(user, async () => {
      const process = await this.#begun(user, network, flow);
      return this.#said(process.of, process.state);
    });
  }

  /** The open notice's conversation, begun anew where the bridge was restarted since it was shown. */
  async noticed(user: UserId, { network, flow }: AskedNotice): Promise<LoginProcess> {
    return this.#scene.processes.of(user) ?? this.#begun(user, network, flow);
  }

  agree(
    process: LoginProcess,
    notice: Step<"notice">,
    beside: string | undefined,
  ): Promise<readonly Answer[]> {
    const { of } = process;
    return this.#turns.run(of.user, async () => this.#said(of, await process.agree(notice, beside)));
  }

  /** Whether what the person writes is taken for what they are asked. */
  isAsking(user: UserId): boolean {
    return this.#scene.processes.of(user)?.state?.kind === "fields";
  }

  /** Whether what the person writes may be a secret, so that it is not to be repeated. */
  mayBeSecret(user: UserId): boolean {
    return this.#secretive.has(user);
  }

  /** What the person typed for the field that is asked for; undefined where none is. */
  async fill(request: Written, typed: string): Promise<readonly Answer[] | undefined> {
    const process = this.#scene.processes.of(request.user);
    const step = process?.state;
    if (!process || step?.kind !== "fields") return undefined;
    const field = this.#next(step);
    if (!field) throw new Error("nothing is asked for");
    if (field.secret) await this.#takeOut(request);
    const checked = field.check(typed);
    if ("wrong" in checked) return [this.#asked(request.user, checked.wrong, field)];
    const values = this.#valuesOf(step).set(field.id, checked.value);
    const next = this.#next(step);
    if (next) return [this.#asked(request.user, "", next)];
    try {
      return await this.#turns.run(request.user, async () =>
        this.#said(process.of, await process.fill(step, Object.fromEntries(values))),
      );
    } finally {
      // Where it could not be handed over, the last is asked for once more.
      values.delete(field.id);
    }
  }

  /** At once, whatever is under way. */
  async cancel(user: UserId): Promise<readonly string[] | undefined> {
    const { processes, secrets } = this.#scene;
    const process = processes.of(user);
    if (!process) return undefined;
    await process.end("cancelled");
    await secrets.takeAway(user);
    // It was done at the same moment, and is said to be on.
    if (process.state?.kind === "done") return [];
    return [words.cancelledWords(process.of.network)];
  }

  /** A login that was made, with what to do next. */
  async isOn(login: Login, network: Network): Promise<string> {
    const scene = this.#scene;
    const isConnected = await connectedSoon(login.id, scene);
    if ((await scene.store.logins.get(login.id))?.state !== "active") return words.offAgainWords(network);
    if (!isConnected) {
      return `${network.name} is on, but the connection is not up yet; I keep trying. Write “status” to see how it goes.`;
    }
    const handle = await handleOf(scene.store, login);
    const next = `To write to somebody, send “start-chat ${handle} …” with ${network.addressing}.`;
    return `${network.name} is on and connected. Your contacts see you as ${login.visibleId}. ${next}${await this.#placeWords(login.user)}`;
  }

  async #begun(user: UserId, network: Network, flow: LoginFlow): Promise<LoginProcess> {
    const { processes, secrets } = this.#scene;
    await secrets.takeAway(user);
    return processes.begin(user, network, flow, (state) => this.#unasked({ user, network }, state));
  }

  /** What came by itself. A code that cannot be shown is in vain, and the next one may be seen. */
  #unasked(of: With, state: ProcessState): Promise<void> {
    const { tell, log } = this.#scene;
    return this.#turns.run(of.user, async () => {
      try {
        for (const said of await this.#said(of, state)) await tell(of.user, said);
      } catch (error) {
        const fields = { network: of.network.id, ...faultOf(error) };
        log.warn("a person was not shown where logging in stands", fields);
      }
    });
  }

  async #said({ user, network }: With, state: ProcessState | undefined): Promise<readonly string[]> {
    if (state?.kind === "display") {
      await this.#show(user, state);
      return [];
    }
    await this.#scene.secrets.takeAway(user);
    switch (state?.kind) {
      case "notice":
        return [words.noticeWords(network, state)];
      case "fields": {
        const field = this.#next(state);
        return field ? [this.#asked(user, state.words, field)] : [];
      }
      case "wait":
        // An answer would be behind what comes of it.
        await this.#scene.tell(user, words.waitWords(state.words));
        return [];
      case "done":
        this.#secretive.delete(user);
        return [await this.isOn(state.login, network)];
      case "failed":
        return [words.failedWords(network, state.words)];
      case "ended":
        return this.#ended(user, network, state);
      case undefined:
        return [];
    }
  }

  async #ended(user: UserId, network: Network, { why }: Step<"ended">): Promise<readonly string[]> {
    // Whoever ended it was told, and what took its place is shown.
    if (why !== "silence") return [];
    // The notice can still be answered.
    return (await this.#scene.processes.asked(user)) ? [] : [words.silenceWords(network)];
  }

  async #show(user: UserId, step: DisplayStep): Promise<void> {
    const { secrets, processes } = this.#scene;
    const isGood = (): boolean => processes.of(user)?.state === step;
    await secrets.show(user, await this.#drawn(step), isGood);
  }

  async #drawn({ what, words: said }: DisplayStep): Promise<Answer> {
    const caption = words.displayWords(said);
    if (what.kind !== "qr") return `${caption}\n${what.kind === "link" ? what.url : what.code}`;
    const picture = await this.#scene.tools.qrCode(new TextEncoder().encode(what.data));
    return { ...picture, name: "code.png", caption };
  }

  async #takeOut({ user, room, event }: Written): Promise<void> {
    const { secrets, tell } = this.#scene;
    if (!(await secrets.takeOut(room, event))) await tell(user, words.NOT_DELETED);
  }

  #asked(user: UserId, before: string, field: LoginField): string {
    if (field.secret) this.#secretive.add(user);
    return words.fieldWords(before, field);
  }

  #valuesOf(step: FieldsStep): Map<string, string> {
    const values = this.#typed.get(step) ?? new Map<string, string>();
    this.#typed.set(step, values);
    return values;
  }

  #next(step: FieldsStep): LoginField | undefined {
    return step.fields.find(({ id }) => !this.#valuesOf(step).has(id));
  }

  async #placeWords(user: UserId): Promise<string> {
    return (await this.#scene.inboxes.mode(user)) === "separate"
      ? " Your chats are kept in the Space “Third-party chats”; “inbox combined” puts them among your direct chats."
      : " Your chats appear among your direct chats; “inbox separate” keeps them in a Space of their own.";
  }
}
