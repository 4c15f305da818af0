import type {
  Encryption,
  FailedChat,
  Group,
  NetworkCard,
  Resolved,
  Setting,
  Whoami,
} from "../api/answers.ts";
import type { Api } from "../api/api.ts";
import { path } from "../api/api.ts";
import { Refusal } from "../api/refusal.ts";
import type { Session } from "../api/session.ts";
import { LoginWatch } from "./login-watch.ts";

/** What is asked for again and again. */
export interface PersonFacts {
  readonly whoami: Whoami;
  readonly networks: readonly NetworkCard[];
  readonly settings: readonly Setting[];
  readonly contacts: readonly Resolved[];
  readonly groups: readonly Group[];
  readonly failures: readonly FailedChat[];
  /** Absent where a bridge of an earlier version tells nothing of it. */
  readonly encryption?: Encryption | undefined;
}

interface News {
  /** What the bridge calls the time until which it tells. */
  readonly at: string | undefined;
  readonly changed: readonly string[];
}

const NOTHING: News = { at: undefined, changed: [] };

/** Something that was said about an act: that it was done, or why not. */
export interface Said {
  readonly n: number;
  readonly kind: "done" | "trouble";
  /** In the page's language, or else the bridge's own. */
  readonly words: string | Refusal;
  /** Whether a text is the bridge's own. */
  readonly isForeign: boolean;
}

/** Milliseconds between looks at a bridge that does not tell what changes, or does not answer. */
const LOOK = 3_000;
/** The route by which a bridge tells what changes. */
const EVENTS = "/person/v1/events";
const GROUPS = "/person/v1/groups";
const ENCRYPTION = "/person/v1/encryption";

/** What is so for the person, kept as it is at the bridge, and what they do about it. */
export class Person {
  readonly api: Api;
  readonly session: Session;
  readonly login: LoginWatch;
  readonly #changed: () => void;
  facts: PersonFacts | undefined;
  /** Since when the bridge does not answer. */
  awaySince: number | undefined;
  said: Said | undefined;
  #acts = 0;
  #saidSoFar = 0;
  #waiting: AbortController | undefined;
  #isOver = false;

  constructor(session: Session, api: Api, changed: () => void) {
    this.session = session;
    this.api = api;
    this.#changed = changed;
    this.login = new LoginWatch(api, () => {
      // What a login that ended has changed is on the other cards.
      if (this.login.end?.kind === "done") void this.refresh();
      changed();
    });
    addEventListener("offline", this.#cutOff);
    void this.#follow();
  }

  /** What is waited for on a connection that is cut does not come. */
  readonly #cutOff = (): void => this.#waiting?.abort();

  dispose(): void {
    this.#isOver = true;
    removeEventListener("offline", this.#cutOff);
    this.#waiting?.abort();
    this.login.dispose();
  }

  /** Keeps up with what changes for as long as the page is looked at. */
  async #follow(): Promise<void> {
    let news: News | undefined;
    while (!this.#isOver) {
      if (document.hidden) await seen();
      news = await this.#news(news?.at);
      if (!this.#isOver) await this.refresh(news?.changed);
    }
  }

  /** Resolves when something has changed since, or may have: undefined where the bridge does not say what. */
  async #news(since: string | undefined): Promise<News | undefined> {
    if (this.awaySince !== undefined) await passed(LOOK);
    if (!this.api.offers(`GET ${EVENTS}`)) {
      await passed(this.facts === undefined ? 0 : LOOK);
      return undefined;
    }
    const waiting = new AbortController();
    this.#waiting = waiting;
    try {
      let now = await this.#events(since, waiting);
      while (now.changed.length === 0 && !this.#isOver && !document.hidden)
        now = await this.#events(now.at, waiting);
      return now;
    } catch {
      // An act ended it, which has asked how all is; what came since is in the next news.
      if (waiting.signal.aborted) return NOTHING;
      await passed(LOOK);
      return undefined;
    }
  }

  #events(since: string | undefined, { signal }: AbortController): Promise<News> {
    const query = since === undefined ? "" : `?${new URLSearchParams({ since })}`;
    return this.api.ask<News>("GET", EVENTS + query, undefined, signal);
  }

  /** Asks how all is, or what has changed alone. */
  async refresh(changed?: readonly string[]): Promise<void> {
    const asked = this.#acts;
    // What was missed while the bridge did not answer is in no news.
    const news = this.awaySince === undefined ? changed : undefined;
    try {
      const look = news?.includes("login") === false ? undefined : this.login.look();
      const [facts] = await Promise.all([this.#ask(unchanged(this.facts, news)), look]);
      if (this.#isOver) return;
      // What was asked before an act is asked again by the act.
      if (asked !== this.#acts && this.facts !== undefined) return;
      const isNews = JSON.stringify(facts) !== JSON.stringify(this.facts) || this.awaySince !== undefined;
      this.facts = facts;
      this.awaySince = undefined;
      if (isNews) this.#changed();
    } catch (cause) {
      const { status } = Refusal.from(cause);
      if (status === 401 || this.awaySince !== undefined) return;
      this.awaySince = Date.now();
      this.#changed();
    }
  }

  /** Does something at the bridge, then learns what holds; says what went wrong. Resolves to whether it was done. */
  async does(act: () => Promise<unknown>, done?: string): Promise<boolean> {
    this.#acts += 1;
    let refusal: Refusal | undefined;
    try {
      await act();
    } catch (cause) {
      refusal = Refusal.from(cause);
    }
    this.#acts += 1;
    await this.refresh();
    // What is waited for is news since before the act: put back at once, it would be none.
    this.#waiting?.abort();
    if (refusal !== undefined) this.says(refusal);
    else if (done !== undefined) this.say("done", done);
    else this.#putAway();
    return refusal === undefined;
  }

  /** As {@link does}, for a step of a login, which knows what holds by its answer. */
  async takes(step: () => Promise<unknown>): Promise<boolean> {
    try {
      await step();
    } catch (cause) {
      this.says(cause);
      return false;
    }
    this.#putAway();
    return true;
  }

  /** @param isForeign whether the words are the bridge's own. */
  say(kind: Said["kind"], words: string | Refusal, isForeign = false): void {
    this.#saidSoFar += 1;
    this.said = { n: this.#saidSoFar, kind, words, isForeign };
    this.#changed();
  }

  /** What went wrong before is no news once something else was done. */
  #putAway(): void {
    if (this.said?.kind !== "trouble") return;
    this.said = undefined;
    this.#changed();
  }

  /** Why something was not done; where the session is over, the page says so. */
  says(cause: unknown): void {
    const refusal = Refusal.from(cause);
    if (refusal.status !== 401) this.say("trouble", refusal);
  }

  network(id: string): NetworkCard | undefined {
    return this.facts?.networks.find((network) => network.id === id);
  }

  /** Asks for what is not known. */
  async #ask(known: Partial<PersonFacts>): Promise<PersonFacts> {
    const { api } = this;
    const part = async <Name extends "networks" | "settings" | "failures">(
      name: Name,
    ): Promise<PersonFacts[Name]> =>
      known[name] ?? (await api.ask<Pick<PersonFacts, Name>>("GET", `/person/v1/${name}`))[name];
    const [whoami, networks, settings, failures, encryption] = await Promise.all([
      this.facts?.whoami ?? api.ask<Whoami>("GET", "/v3/whoami"),
      part("networks"),
      part("settings"),
      part("failures"),
      known.encryption ??
        (api.offers(`GET ${ENCRYPTION}`) ? api.ask<Encryption>("GET", ENCRYPTION) : undefined),
    ]);
    const logins = networks
      .flatMap(({ accounts }) => accounts)
      .filter(({ state }) => state.state_event !== "LOGGED_OUT");
    const ofEach = <T>(route: readonly string[], none: T): Promise<readonly T[]> =>
      Promise.all(
        logins.map(({ login_id }) =>
          api
            .ask<T>("GET", path(route, { login_id }))
            // It was turned off between the two questions.
            .catch((cause: unknown) => (Refusal.from(cause).status === 404 ? none : Promise.reject(cause))),
        ),
      );
    const askContacts = async () =>
      (await ofEach<Pick<PersonFacts, "contacts">>(["v3", "contacts"], { contacts: [] })).flatMap(
        (one) => one.contacts,
      );
    const askGroups = async () =>
      (await ofEach<Pick<PersonFacts, "groups">>(GROUPS.slice(1).split("/"), { groups: [] })).flatMap(
        (one) => one.groups,
      );
    const [contacts, groups] = await Promise.all([
      known.contacts ?? askContacts(),
      // A bridge of an earlier version tells of none.
      known.groups ?? (api.offers(`GET ${GROUPS}`) ? askGroups() : []),
    ]);
    return { whoami, networks, settings, failures, encryption, contacts, groups };
  }
}

/** What news leaves as it was; nothing where it is not known what changed. Contacts and groups are each login's. */
function unchanged(
  facts: PersonFacts | undefined,
  changed: readonly string[] | undefined,
): Partial<PersonFacts> {
  if (facts === undefined || changed === undefined) return {};
  const gone = new Set([...changed, ...(changed.includes("networks") ? ["contacts", "groups"] : [])]);
  return Object.fromEntries(Object.entries(facts).filter(([name]) => !gone.has(name)));
}

const passed = (time: number): Promise<void> => new Promise((done) => void setTimeout(done, time));

const seen = (): Promise<void> =>
  new Promise((done) => document.addEventListener("visibilitychange", () => done(), { once: true }));
