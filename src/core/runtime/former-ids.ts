import type { PortalKey, RemoteEvent, UnplacedDeletion } from "../model/events.ts";
import type { ChatId, LoginId, PersonId, UserId } from "../model/ids.ts";
import { GuardFailed } from "../ports/guards.ts";
import type { FormerId } from "../ports/portal-store.ts";
import type { Portal } from "../ports/rows.ts";
import type { Store } from "../ports/store.ts";

type Incoming = RemoteEvent | UnplacedDeletion;

/** What a login's network tells, in the ids by which contacts and chats are known now. */
export class FormerIds {
  readonly #store: Pick<Store, "formerIds">;
  readonly #login: LoginId;
  #chats: Map<ChatId, ChatId> | undefined;
  readonly #people = new Map<PersonId, PersonId>();

  constructor(store: Pick<Store, "formerIds">, login: LoginId) {
    this.#store = store;
    this.#login = login;
  }

  get isLoaded(): boolean {
    return this.#chats !== undefined;
  }

  async load(): Promise<void> {
    if (this.#chats) return;
    const all = await this.#store.formerIds.of(this.#login);
    this.#chats ??= new Map();
    for (const one of all) this.#note(this.#chats, one);
  }

  chat(chat: ChatId): ChatId {
    return this.#chats?.get(chat) ?? chat;
  }

  person(person: PersonId): PersonId {
    return this.#people.get(person) ?? person;
  }

  /** An event in the present ids; one that tells of a former id counts for those behind it. */
  event<Event extends Incoming>(event: Event): Event {
    if ("kind" in event && event.kind === "joined" && this.#chats)
      this.#note(this.#chats, { chat: event.chat, person: event.sender, was: event.was });
    if (this.#chats?.size === 0) return event;
    const chat = event.chat && this.chat(event.chat);
    const sender = event.sender && this.person(event.sender);
    const present = chat === event.chat && sender === event.sender ? event : { ...event, chat, sender };
    if (!("kind" in present)) return present;
    if (present.kind === "blocked") return { ...present, person: this.person(present.person) };
    if (present.kind !== "group-members" && present.kind !== "group-roles") return present;
    const changes = present.changes.map((change) =>
      change.person === undefined ? change : { ...change, person: this.person(change.person) },
    );
    return { ...present, changes };
  }

  #note(chats: Map<ChatId, ChatId>, { chat, person, was }: Omit<FormerId, "login">): void {
    if (chat === was.chat) return;
    for (const [former, now] of chats) if (now === was.chat) chats.set(former, chat);
    for (const [former, now] of this.#people) if (now === was.person) this.#people.set(former, person);
    chats.set(was.chat, chat);
    if (person !== was.person) this.#people.set(was.person, person);
    // Who is known by an id now is not known by another.
    chats.delete(chat);
    this.#people.delete(person);
  }
}

/** The ghosts by which a chat's contact was shown before it was proved who they are. */
export async function formerUsers(
  store: Pick<Store, "formerIds" | "ghosts">,
  { login, chat, network }: Portal,
): Promise<readonly UserId[]> {
  const former = (await store.formerIds.of(login)).filter((one) => one.chat === chat);
  const ghosts = await Promise.all(former.map(({ was }) => store.ghosts.byPerson(network, was.person)));
  return ghosts.flatMap((one) => one?.user ?? []);
}

/** Throws where a chat is known by another id now, so that whoever is at work on it reads again. */
export async function refuseFormer({ formerIds }: Pick<Store, "formerIds">, key: PortalKey): Promise<void> {
  const isFormer = (await formerIds.of(key.login)).some(({ was }) => was.chat === key.chat);
  if (isFormer) throw new GuardFailed({ kind: "chat-exists", key });
}
