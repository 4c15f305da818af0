import { type GroupDescription, membersHash } from "../../networks/meta-interop/wire/groups.ts";
import type { NetworkName } from "../config.ts";
import type { People } from "../phone/people.ts";
import type { PersonParts } from "../phone/person-parts.ts";
import { pictureNode } from "../phone/profile-picture.ts";
import type { Account } from "../state/accounts.ts";
import { type GroupMember, isSame, jidOf, keyOf, memberNode, type Somebody } from "./group-member.ts";
import type { GroupMessageTables } from "./group-messages.ts";
import type { GroupRow, GroupTable, MemberRow } from "./group-table.ts";

/** The groups of both networks, with their members as the persons and accounts they are. */
export class Groups {
  readonly table: GroupTable;
  readonly messages: GroupMessageTables;
  readonly people: People;
  readonly parts: PersonParts;

  constructor(table: GroupTable, messages: GroupMessageTables, people: People, parts: PersonParts) {
    this.table = table;
    this.messages = messages;
    this.people = people;
    this.parts = parts;
  }

  get(network: NetworkName, jid: string): GroupRow | undefined {
    const group = this.table.byJid(jid);
    return group?.network === network ? group : undefined;
  }

  of(who: Somebody): readonly GroupRow[] {
    return this.table.groupsOf(keyOf(who));
  }

  /** In the order in which they came. */
  members({ id }: GroupRow): readonly GroupMember[] {
    return this.table.members(id).flatMap((row) => this.#member(row) ?? []);
  }

  member({ id }: GroupRow, who: Somebody): GroupMember | undefined {
    const row = this.table.member(id, keyOf(who));
    return row && this.#member(row);
  }

  /** The integrators' users among these. */
  users(members: readonly GroupMember[]): readonly Account[] {
    return members.flatMap((member) => (member.kind === "user" ? [member.account] : []));
  }

  /** Whom an address names on this network. */
  named(network: NetworkName, jid: string): Somebody | undefined {
    const account = jid.endsWith("@interop") ? this.parts.accounts.resolve(network, jid) : undefined;
    if (account !== undefined) return { kind: "user", account };
    const person = this.people.byJid(jid);
    return person?.row.network === network ? { kind: "person", person } : undefined;
  }

  describe(group: GroupRow, members = this.members(group)): GroupDescription {
    const { jid: id, creator, subject, description, picture, announcement, locked } = group;
    const shown = picture === null ? undefined : pictureNode(picture);
    const described = { id, creator, subject, description, picture: shown, announcement, locked };
    return { ...described, members: members.map(memberNode) };
  }

  hash(members: readonly GroupMember[]): string {
    return membersHash(members.map(jidOf));
  }

  /** To be called inside a commit. Everybody who writes gives the others a new sender key from then on. */
  remove(group: GroupRow, who: Somebody): void {
    this.table.drop(group.id, keyOf(who));
    this.messages.takeKeys(group.id);
  }

  /** The JID of whoever wrote this message of the group; undefined while there is none. */
  authorOf({ id: group }: GroupRow, id: string): Somebody | undefined {
    const { account, person } = this.messages.authorOf(group, id);
    const user = account === undefined ? undefined : this.parts.accounts.get(account);
    if (user !== undefined) return { kind: "user", account: user };
    const wrote = person === undefined ? undefined : this.people.get(person);
    return wrote && { kind: "person", person: wrote };
  }

  includes(members: readonly GroupMember[], who: Somebody): boolean {
    return members.some((member) => isSame(member, who));
  }

  #member({ person, account, part }: MemberRow): GroupMember | undefined {
    const somebody = person === "" ? this.#user(account) : this.#person(person);
    return somebody && { ...somebody, part };
  }

  #user(id: number): Somebody | undefined {
    const account = this.parts.accounts.get(id);
    return account && { kind: "user", account };
  }

  #person(id: string): Somebody | undefined {
    const person = this.people.get(id);
    return person && { kind: "person", person };
  }
}
