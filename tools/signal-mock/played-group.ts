import type { Group, Proto } from "@signalapp/mock-server";
import { type DataMessage, dataContent, sentContent, storageChangedContent } from "./contents.ts";
import { proto } from "./mock-server.ts";
import type { Person, Saying } from "./person.ts";
import { type StoredGroup, storeGroup } from "./phone-book.ts";
import type { Sending, Sent } from "./phone-outbox.ts";
import type { PlayedServer } from "./played-server.ts";
import { isSame } from "./same-bytes.ts";
import { type GroupActions, sealedProfileKey, signedChange } from "./signed-change.ts";

type State = Proto.Group.Params;

const { DEFAULT, ADMINISTRATOR } = proto.Member.Role;

/** What somebody does to a group: the actions that the server signs, and the state that they make. */
interface Doing {
  readonly actions: GroupActions;
  readonly state: Partial<State>;
}

/** Whom a phone sends the news of a change to, and how. */
type Telling = Sending & { readonly tells?: readonly Person[] };

/** A group of Signal's, played on the mock server: its members' phones write in it and change it. */
export class PlayedGroup {
  readonly group: Group;
  /** Who gets what is written. */
  readonly people: Set<Person>;
  readonly #server: PlayedServer;

  private constructor(server: PlayedServer, group: Group, people: Iterable<Person>) {
    this.#server = server;
    this.group = group;
    this.people = new Set(people);
  }

  /** Everybody in it is an admin, as the mock makes groups. Nobody is told of it. */
  static async create(
    server: PlayedServer,
    title: string,
    by: Person,
    ...others: readonly Person[]
  ): Promise<PlayedGroup> {
    const people = [by, ...others];
    const group = await by.phone.createGroup({ title, members: people.map(({ phone }) => phone) });
    return new PlayedGroup(server, group, people);
  }

  /** The group's id in base64url. */
  get id(): string {
    return Buffer.from(this.group.id, "base64").toString("base64url");
  }

  get masterKey(): Uint8Array<ArrayBuffer> {
    return Uint8Array.from(this.group.masterKey);
  }

  /** The server's newest state of it. */
  async state(): Promise<State> {
    return (await this.#onServer()).state;
  }

  /** What a message of the group has in it; `change`: the signed change that it tells. */
  async context(change: Uint8Array<ArrayBuffer> | null = null): Promise<Proto.GroupContextV2.Params> {
    const { version } = await this.state();
    return { masterKey: this.masterKey, revision: version ?? 0, groupChange: change };
  }

  async says(by: Person, body: string, { data, ...sending }: Saying = {}): Promise<Sent> {
    return this.sends(by, { body, ...data }, sending);
  }

  /** Sends a message with these fields to everybody else, or to those who are named. */
  async sends(by: Person, fields: DataMessage, { tells, ...sending }: Telling = {}): Promise<Sent> {
    const message = { groupV2: await this.context(), ...fields };
    const timestamp = sending.timestamp ?? by.outbox.next();
    const others = tells ?? [...this.people].filter((person) => person !== by);
    return allOf(
      timestamp,
      others.map((person) => by.sends(person, message, { ...sending, timestamp })),
    );
  }

  /** As {@link sends}, with the sender key that each device gets before, as Signal's apps do. */
  async sendsByKey(by: Person, fields: DataMessage, forgetful = false): Promise<Sent> {
    const timestamp = by.outbox.next();
    const message = { groupV2: await this.context(), ...fields };
    const { group } = this;
    const others = [...this.people].filter((person) => person !== by);
    const content = dataContent(by.message(message, timestamp));
    return allOf(
      timestamp,
      others.map(({ phone, linkedDevices }) =>
        by.outbox.sendByKey([phone.device, ...linkedDevices], content, { timestamp, group, forgetful }),
      ),
    );
  }

  /** The others get it, and the person's linked devices are told. */
  async writesFromPhone(by: Person, fields: DataMessage): Promise<Sent> {
    const message = { groupV2: await this.context(), ...fields };
    const sent = await this.sends(by, message);
    await by.tellsDevices(
      sentContent(null, sent.timestamp, { message: by.message(message, sent.timestamp) }),
    );
    return sent;
  }

  async types(by: Person, started: boolean): Promise<Sent> {
    const groupId = Uint8Array.from(Buffer.from(this.group.id, "base64"));
    const others = [...this.people].filter((person) => person !== by);
    const timestamp = by.outbox.next();
    return allOf(
      timestamp,
      others.map((person) => by.types(person, started, groupId)),
    );
  }

  async renames(by: Person, title: string, telling?: Telling): Promise<Sent> {
    const blob = this.#blob({ title });
    return this.does(
      by,
      () => ({ actions: { modifyTitle: { title: blob } }, state: { title: blob } }),
      telling,
    );
  }

  async describes(by: Person, descriptionText: string, telling?: Telling): Promise<Sent> {
    const description = this.#blob({ descriptionText });
    const actions = { modifyDescription: { description } };
    return this.does(by, () => ({ actions, state: { description } }), telling);
  }

  async setsTimer(by: Person, seconds: number, telling?: Telling): Promise<Sent> {
    const timer = this.#blob({ disappearingMessagesDuration: seconds });
    const actions = { modifyDisappearingMessageTimer: { timer } };
    return this.does(by, () => ({ actions, state: { disappearingMessagesTimer: timer } }), telling);
  }

  async announces(by: Person, announcementsOnly: boolean, telling?: Telling): Promise<Sent> {
    const actions = { modifyAnnouncementsOnly: { announcementsOnly } };
    return this.does(by, () => ({ actions, state: { announcementsOnly } }), telling);
  }

  /** Puts people into it; they are told of it too. */
  async adds(by: Person, people: readonly Person[], telling?: Telling): Promise<Sent> {
    for (const person of people) this.people.add(person);
    const added = people.map((person) => this.#member(person));
    return this.does(
      by,
      ({ members }) => ({
        actions: { addMembers: added.map((one) => ({ added: one, joinFromInviteLink: null })) },
        state: { members: [...(members ?? []), ...added] },
      }),
      telling,
    );
  }

  /** Takes people out; they are told of it too. Who takes themself out leaves. */
  async removes(by: Person, people: readonly Person[], telling: Telling = {}): Promise<Sent> {
    const told = telling.tells ?? [...this.people].filter((person) => person !== by);
    for (const person of people) this.people.delete(person);
    const gone = people.map((person) => this.userId(person));
    return this.does(
      by,
      ({ members }) => ({
        actions: { deleteMembers: gone.map((deletedUserId) => ({ deletedUserId })) },
        state: { members: (members ?? []).filter(({ userId }) => !gone.some((one) => isSame(one, userId))) },
      }),
      { ...telling, tells: told },
    );
  }

  leaves(person: Person): Promise<Sent> {
    return this.removes(person, [person]);
  }

  async makesAdmin(by: Person, person: Person, admin = true, telling?: Telling): Promise<Sent> {
    const userId = this.userId(person);
    const role = admin ? ADMINISTRATOR : DEFAULT;
    return this.does(
      by,
      ({ members }) => ({
        actions: { modifyMemberRoles: [{ userId, role }] },
        state: {
          members: (members ?? []).map((one) => (isSame(userId, one.userId) ? { ...one, role } : one)),
        },
      }),
      telling,
    );
  }

  /** Invites somebody, who has to accept; they are told of it too. */
  async invites(by: Person, person: Person, telling: Telling = {}): Promise<Sent> {
    const invited = {
      member: { ...this.#member(person), profileKey: null },
      addedByUserId: this.userId(by),
      timestamp: BigInt(Date.now()),
    };
    const others = [...this.people].filter((one) => one !== by);
    return this.does(
      by,
      ({ membersPendingProfileKey }) => ({
        actions: { addMembersPendingProfileKey: [{ added: invited }] },
        state: { membersPendingProfileKey: [...(membersPendingProfileKey ?? []), invited] },
      }),
      { tells: [...others, person], ...telling },
    );
  }

  /** Takes an invitation back; who had it is told too. */
  async takesBack(by: Person, person: Person, telling: Telling = {}): Promise<Sent> {
    const deletedUserId = this.userId(person);
    const others = [...this.people].filter((one) => one !== by);
    return this.does(
      by,
      ({ membersPendingProfileKey: invited }) => ({
        actions: { deleteMembersPendingProfileKey: [{ deletedUserId }] },
        state: {
          membersPendingProfileKey: (invited ?? []).filter(
            ({ member }) => !isSame(deletedUserId, member?.userId),
          ),
        },
      }),
      { tells: [...others, person], ...telling },
    );
  }

  /** Accepts an invitation, on the person's own phone. */
  async joinsInvited(person: Person): Promise<Sent> {
    this.people.add(person);
    const member = this.#member(person);
    const { userId, profileKey } = member;
    return this.does(person, ({ members, membersPendingProfileKey: invited }) => ({
      actions: {
        promoteMembersPendingProfileKey: [{ userId, profileKey, presentation: null }],
      },
      state: {
        members: [...(members ?? []), member],
        membersPendingProfileKey: (invited ?? []).filter(
          ({ member: one }) => userId === null || !isSame(userId, one?.userId),
        ),
      },
    }));
  }

  /** Asks to be let in, as who has the group's link; the members are told. */
  asksToJoin(person: Person): Promise<Sent> {
    const asking = { ...this.#member(person), timestamp: BigInt(Date.now()) };
    return this.does(person, ({ membersPendingAdminApproval: all }) => ({
      actions: { addMembersPendingAdminApproval: [{ added: asking }] },
      state: { membersPendingAdminApproval: [...(all ?? []), asking] },
    }));
  }

  /** Any change: the server signs it, and the others are told. */
  async does(by: Person, doing: (state: State) => Doing, telling: Telling = {}): Promise<Sent> {
    const group = await this.#onServer();
    const { actions, state } = doing(group.state);
    const change = signedChange(group, this.userId(by), actions, state);
    return this.sends(by, { groupV2: await this.context(change) }, telling);
  }

  /** Writes something of the group into what a person's account stores, and tells their linked devices. */
  async stores(person: Person, fields: StoredGroup): Promise<Sent> {
    await storeGroup(person.phone, this.group, fields);
    return person.tellsDevices(storageChangedContent());
  }

  userId({ aci }: Person): Uint8Array<ArrayBuffer> {
    return Uint8Array.from(this.group.encryptServiceId(aci as never));
  }

  #member(person: Person): Proto.Member.Params {
    return {
      userId: this.userId(person),
      profileKey: sealedProfileKey(this.group, person.phone.profileKey, person.aci),
      role: DEFAULT,
      presentation: null,
      joinedAtVersion: null,
      labelEmoji: null,
      labelString: null,
    };
  }

  #blob(content: Proto.GroupAttributeBlob.Params["content"]): Uint8Array<ArrayBuffer> {
    return Uint8Array.from(this.group.encryptBlob({ content }));
  }

  async #onServer() {
    const found = await this.#server.getGroup(Uint8Array.from(this.group.publicParams.serialize()));
    if (!found) throw new Error("The server does not have the group");
    return found;
  }
}

async function allOf(timestamp: number, sends: readonly Promise<Sent>[]): Promise<Sent> {
  const sent = await Promise.all(sends);
  return { timestamp, acknowledged: Promise.all(sent.map((one) => one.acknowledged)).then(() => undefined) };
}
