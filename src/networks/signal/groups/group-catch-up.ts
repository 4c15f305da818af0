import { setImmediate } from "node:timers/promises";
import { BridgeError } from "../../../core/model/errors.ts";
import type { RemoteEvent } from "../../../core/model/events.ts";
import type { ChatId, LoginId, MessageId, PersonId } from "../../../core/model/ids.ts";
import { faultOf } from "../../../core/ports/log.ts";
import type { Writes } from "../../../core/ports/store.ts";
import { backOff } from "../../../core/runtime/back-off.ts";
import type { GroupState, KnownGroup } from "../group-records.ts";
import type { LoginContext } from "../login-context.ts";
import { unreadableScope } from "../record-scopes.ts";
import { signalFamily } from "../records.ts";
import { formerAfter } from "./apply-change.ts";
import { fetchNews, type News } from "./fetch-news.ts";
import { eventsOf, keepState } from "./group-changes.ts";
import { GroupCipher } from "./group-cipher.ts";
import { invitationOf } from "./group-events.ts";
import type { GroupServer } from "./group-server.ts";
import { tellJoinRequests } from "./join-requests.ts";

interface GroupCatchUpParts {
  readonly context: Pick<
    LoginContext,
    "login" | "store" | "network" | "own" | "ownNumber" | "sink" | "clock" | "log"
  >;
  readonly server: Pick<GroupServer, "group" | "changes">;
  /** Runs work in which a group's state is read and written, one after the other with all that does so. */
  readonly exclusively: <Value>(work: () => Promise<Value>) => Promise<Value>;
  /** The chats that hold messages. */
  readonly holding: Set<ChatId>;
  /** Called with the people of a group that was not known before; it must not throw. */
  readonly met: (people: readonly PersonId[]) => void;
  /** Takes the first messages that a chat holds; whether there may be more. */
  readonly release: (chat: ChatId) => Promise<boolean>;
}

/** How many groups are fetched at the same time, and how often one that is brought on meanwhile. */
const MOST_AT_ONCE = 4;
const MOST_TRIES = 3;

/**
 * Fetches what is missing of groups of which messages are held, each for itself, and then lets the messages go on. What
 * cannot be had now is asked for again; the messages wait in the store.
 */
export class GroupCatchUp {
  readonly #parts: GroupCatchUpParts;
  readonly #running = new Map<ChatId, Promise<void>>();
  readonly #waiting: ChatId[] = [];
  readonly #pauses = new Map<ChatId, () => void>();
  readonly #tries = new Map<ChatId, number>();
  #isStopped = false;

  constructor(parts: GroupCatchUpParts) {
    this.#parts = parts;
  }

  /** Called when a chat holds messages. */
  readonly wake = (chat: ChatId): void => {
    if (this.#isStopped || this.#running.has(chat) || this.#pauses.has(chat)) return;
    if (this.#running.size >= MOST_AT_ONCE) {
      if (!this.#waiting.includes(chat)) this.#waiting.push(chat);
      return;
    }
    const run = this.#run(chat).finally(() => {
      this.#running.delete(chat);
      // It held something in the moment in which this ended.
      if (this.#parts.holding.has(chat)) this.wake(chat);
      const next = this.#waiting.shift();
      if (next !== undefined) this.wake(next);
    });
    this.#running.set(chat, run);
  };

  /** Called when connected: nothing is waited for any longer. */
  wakeAll(): void {
    for (const cancel of this.#pauses.values()) cancel();
    this.#pauses.clear();
    for (const chat of this.#parts.holding) this.wake(chat);
  }

  /** The group as it is now, fetched where it is not known. Throws BridgeError. */
  async known(chat: ChatId): Promise<KnownGroup & { readonly state: GroupState }> {
    const { store, login } = this.#parts.context;
    for (let tries = 0; tries < 2; tries += 1) {
      const group = await store.family(signalFamily).group(login, chat);
      if (group?.state) return { ...group, state: group.state };
      if (!group) break;
      await this.#catchUp(chat);
    }
    throw new BridgeError("not-found", { words: "Signal does not show this group to you.", certain: true });
  }

  /** Brings a group that is known up to date. Throws BridgeError. */
  readonly refresh = (chat: ChatId): Promise<void> => this.#catchUp(chat);

  async stop(): Promise<void> {
    this.#isStopped = true;
    for (const cancel of this.#pauses.values()) cancel();
    this.#pauses.clear();
    await Promise.all(this.#running.values());
  }

  async #run(chat: ChatId): Promise<void> {
    const { log, login } = this.#parts.context;
    try {
      await this.#step(chat);
      this.#tries.delete(chat);
    } catch (error) {
      const tries = this.#tries.get(chat) ?? 0;
      this.#tries.set(chat, tries + 1);
      log.warn("a group could not be brought up to date", { login, tries, ...faultOf(error) });
      if (this.#isStopped) return;
      const wait = Math.max(BridgeError.from(error).retryAfter ?? 0, backOff(tries));
      this.#pauses.set(
        chat,
        this.#parts.context.clock.after(wait, () => {
          this.#pauses.delete(chat);
          this.wake(chat);
        }),
      );
    }
  }

  async #step(chat: ChatId): Promise<void> {
    const { context, exclusively, holding, release } = this.#parts;
    const { store, login } = context;
    const signal = store.family(signalFamily);
    const [first] = await signal.held(login, chat, 1);
    if (first) await this.#catchUp(chat, first.sender);
    for (let isMore = true; isMore; )
      isMore = await exclusively(async () => {
        const wasMore = !this.#isStopped && (await release(chat));
        if (!wasMore && !this.#isStopped) holding.delete(chat);
        return wasMore;
      });
  }

  /** `author`: whose message names what is missing. */
  async #catchUp(chat: ChatId, author?: PersonId): Promise<void> {
    const { context, server, exclusively } = this.#parts;
    const { store, login } = context;
    for (let tries = 0; tries < MOST_TRIES; tries += 1) {
      const group = await store.family(signalFamily).group(login, chat);
      const cipher = group && GroupCipher.of(group.masterKey);
      if (!cipher) return;
      const news = await fetchNews(server, cipher, group.state);
      const done = await exclusively(() => this.#take(chat, news, author ?? context.own));
      if (done === "taken") return;
    }
  }

  /** `past`: the group was brought on meanwhile, and the news does not lead on from there. */
  async #take(chat: ChatId, news: News, author: PersonId): Promise<"taken" | "past"> {
    const { context } = this.#parts;
    const { login, store, sink, clock, log } = context;
    const before = (await store.family(signalFamily).group(login, chat))?.state;
    const at = clock.now();
    if (news.kind === "unreadable") {
      log.error("a group cannot be read", { login, ...faultOf(news.error) });
      await this.#tellUnreadable(chat);
      return "taken";
    }
    if (isPast(news, before)) return "past";
    if (news.kind === "closed") {
      if (before)
        await sink.accept(
          [...closedEvents(chat, before, context, at)],
          keepsClosed(login, chat, before, context.own),
        );
      return "taken";
    }
    const steps =
      news.kind === "changes" ? news.steps : [{ after: asAfter(before, news.state), actor: undefined }];
    const events: RemoteEvent[] = [];
    let state = before;
    for (const { after, actor = author } of steps) {
      if (state) {
        await tellJoinRequests(context, { chat, before: state, after });
        events.push(...(await eventsOf(context, { chat, before: state, after, actor, at })));
      }
      state = after;
      await setImmediate();
    }
    await sink.accept(events, (tx) => {
      if (state) keepState(tx, login, { chat, before, after: state });
    });
    if (!before && state)
      this.#parts.met(state.members.map(({ person }) => person).filter((one) => one !== context.own));
    return "taken";
  }

  /** Once for each group, in words. */
  async #tellUnreadable(chat: ChatId): Promise<void> {
    const { store, login, sink } = this.#parts.context;
    const scope = unreadableScope(login);
    if ((await store.records.get(scope, chat)) !== undefined) return;
    await sink.tell(UNREADABLE, (tx) => tx.records.set(scope, chat, "told"));
  }
}

const UNREADABLE =
  "Somebody wrote in a Signal group that has more people than this bridge can show, or that it cannot read. Its messages are not shown here; read them in Signal.";

const isPast = (
  news: Exclude<News, { readonly kind: "unreadable" }>,
  before: GroupState | undefined,
): boolean =>
  before !== undefined &&
  (news.kind === "state" ? news.state.revision < before.revision : news.from !== before.revision);

/** A state that was fetched as a whole, with who left since the one before. */
function asAfter(before: GroupState | undefined, state: GroupState): GroupState {
  const are = new Set(state.members.map(({ person }) => person));
  return before ? { ...state, ...formerAfter(before, are, state.revision) } : state;
}

const without = (state: GroupState, own: PersonId): GroupState => ({
  ...state,
  members: state.members.filter(({ person }) => person !== own),
  invited: [],
});

/** That our person is out of a group, or invited no more; whose doing that was is not known. */
function* closedEvents(
  chat: ChatId,
  before: GroupState,
  context: Pick<LoginContext, "own" | "ownNumber">,
  at: number,
): Generator<RemoteEvent> {
  const wasIn = before.members.some(({ person }) => person === context.own);
  if (!wasIn && !invitationOf(before, context)) return;
  yield {
    kind: "group-members",
    chat,
    sender: undefined,
    id: `group/${before.revision}/closed` as MessageId,
    at,
    changes: [{ person: undefined, membership: "left" }],
  };
}

const keepsClosed =
  (login: LoginId, chat: ChatId, before: GroupState, own: PersonId) =>
  (tx: Writes): void =>
    tx.family(signalFamily).setGroupState(login, chat, without(before, own));
