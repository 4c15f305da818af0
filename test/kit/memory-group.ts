import type { MemberChange, Outgoing, RemoteEvent } from "../../src/core/model/events.ts";
import type { GroupChange, GroupInfo, GroupPermissions, Role } from "../../src/core/model/groups.ts";
import type { ChatId, MessageId, PersonId } from "../../src/core/model/ids.ts";
import { plainText } from "../../src/core/model/rich-text.ts";
import { obey } from "./obeyed-change.ts";

/** Who an account of ours is to the others of a group. */
export const selfOf = (account: string): PersonId => `self ${account}` as PersonId;
const accountIn = (person: PersonId): string | undefined =>
  person.startsWith("self ") ? person.slice("self ".length) : undefined;

type Without<Event> = Event extends unknown ? Omit<Event, "chat" | "sender" | "at" | "id"> : never;
export type InGroup = Without<RemoteEvent>;

/** Takes what happens in a group to the connection of one of ours. */
export type Bring = (account: string, event: RemoteEvent) => Promise<void>;

interface GroupSetUp {
  readonly chat: ChatId;
  readonly name: string;
  readonly people: Readonly<Record<string, Role>>;
  readonly ours: readonly string[];
  readonly bring: Bring;
}

/** A group of the network in memory: people of its own, and people of ours. */
export class MemoryGroup {
  readonly chat: ChatId;
  name: string;
  topic = "";
  avatar = "";
  readonly people = new Map<PersonId, Role>();
  /** Accounts of ours that are in it, by what the network knows them. */
  readonly ours: Set<string>;
  /** Accounts of ours that were invited, and by whom. */
  readonly invited = new Map<string, PersonId>();
  /** While set, copies of what one of ours wrote wait in `waiting` for the others of ours. */
  holding = false;
  readonly waiting: { readonly account: string; readonly event: RemoteEvent }[] = [];
  /** What those of ours may do who are more than members. */
  readonly ourRoles = new Map<string, Role>();
  permissions: GroupPermissions = { writes: "member", changes: "member" };
  readonly #bring: Bring;
  #changes = 0;

  constructor({ chat, name, people, ours, bring }: GroupSetUp) {
    this.chat = chat;
    this.name = name;
    for (const [person, role] of Object.entries(people)) this.people.set(person as PersonId, role);
    this.ours = new Set(ours);
    this.#bring = bring;
  }

  infoFor(account: string): GroupInfo {
    const members = Array.from(this.people, ([person, role]) => ({ person, role, name: person }));
    const ours = Array.from(this.ours, (other) => ({
      person: other === account ? undefined : selfOf(other),
      role: this.ourRoles.get(other) ?? "member",
    }));
    const { name, topic, avatar } = this;
    const invitedBy = this.invited.get(account);
    return {
      kind: "group",
      name,
      ...(invitedBy === undefined ? {} : { isRequest: true, invitedBy }),
      self: selfOf(account),
      ...(topic === "" ? {} : { topic }),
      ...(avatar === "" ? {} : { avatar }),
      members: [...members, ...ours],
      permissions: this.permissions,
    };
  }

  /** An event of somebody of the network, as everybody gets it. */
  event(who: string, id: string, what: InGroup): RemoteEvent {
    const { chat } = this;
    return {
      ...what,
      chat,
      sender: who as PersonId,
      id: id as MessageId,
      at: 0,
      senderName: who,
    } as RemoteEvent;
  }

  says(who: string, id: string, text: string, replyTo?: string): Promise<void> {
    const parts = [{ kind: "text", style: "text", body: plainText(text) }] as const;
    const reply = replyTo === undefined ? {} : { replyTo: { id: replyTo as MessageId, own: false } };
    return this.does(who, id, { kind: "message", message: { parts, ...reply } });
  }

  /** Everybody of ours gets it. */
  async does(who: string, id: string, what: InGroup): Promise<void> {
    await Promise.all(Array.from(this.ours, (one) => this.#bring(one, this.event(who, id, what))));
  }

  async moves(by: string, id: string, changes: readonly MemberChange[]): Promise<void> {
    for (const { person, membership } of changes) {
      if (person === undefined) continue;
      if (membership === "joined") this.people.set(person, "member");
      else this.people.delete(person);
    }
    await this.does(by, id, { kind: "group-members", changes });
  }

  /** One of ours comes into the group, or out of it: to themselves it is they, to the others somebody. */
  async movesOurs(
    by: string,
    id: string,
    account: string,
    membership: MemberChange["membership"],
  ): Promise<void> {
    if (membership === "joined") this.ours.add(account);
    const told = Array.from(this.ours);
    if (membership === "left") this.ours.delete(account);
    const change = (person: PersonId | undefined) =>
      this.event(by, id, { kind: "group-members", changes: [{ person, membership }] });
    await Promise.all(
      told.map((other) => this.#bring(other, change(other === account ? undefined : selfOf(account)))),
    );
  }

  /** One of ours changes the group; all of ours are told. Nothing is new where it is so already. */
  obeys(account: string, change: GroupChange): void {
    const about = "person" in change ? accountIn(change.person) : undefined;
    const what = obey(this, account, change, about);
    if (!what) return;
    const id = `change-${++this.#changes}` as MessageId;
    for (const other of new Set([...this.ours, account, ...(about === undefined ? [] : [about])])) {
      const sender = other === account ? undefined : selfOf(account);
      const isAbout = other === about && (what.kind === "group-members" || what.kind === "group-roles");
      const own = isAbout ? { changes: what.changes.map((one) => ({ ...one, person: undefined })) } : {};
      const event = { ...what, ...own, chat: this.chat, sender, id, at: 0 } as RemoteEvent;
      if (this.holding) this.waiting.push({ account: other, event });
      else this.#bring(other, event).catch(() => undefined);
    }
  }

  /** Somebody invites one of ours, who is no member until they accept. */
  async invites(by: string, id: string, account: string): Promise<void> {
    this.invited.set(account, by as PersonId);
    await this.#bring(account, this.event(by, id, { kind: "group-invited" }));
  }

  /** One of ours, who was invited, is in the group from then on, or not. */
  async answered(account: string, accepted: boolean): Promise<void> {
    const by = this.invited.get(account);
    if (by === undefined) return;
    this.invited.delete(account);
    if (accepted) await this.movesOurs(by, `${by} accepted by ${account}`, account, "joined");
  }

  /** What one of ours wrote from here comes to the others of ours as from the network. */
  sent(account: string, id: MessageId, outgoing: Outgoing): void {
    for (const other of this.ours) {
      if (other === account) continue;
      const event = { ...outgoing, chat: this.chat, sender: selfOf(account), id, at: 0 } as RemoteEvent;
      if (this.holding) this.waiting.push({ account: other, event });
      else this.#bring(other, event).catch(() => undefined);
    }
  }
}
