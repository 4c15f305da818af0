import { BridgeError } from "../../model/errors.ts";
import type { PortalKey } from "../../model/events.ts";
import type { PersonId, RoomId } from "../../model/ids.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Homeserver, MatrixEncoder } from "../../ports/homeserver.ts";
import { faultOf, type Log } from "../../ports/log.ts";
import type { Network } from "../../ports/network.ts";
import type { GroupPortal, PortalMember } from "../../ports/rows.ts";
import type { Scheduler } from "../../ports/scheduler.ts";
import type { Store, Writes } from "../../ports/store.ts";
import type { Step } from "../../runtime/lanes.ts";
import type { OutboxRows } from "../../runtime/outbox-rows.ts";
import { triesAgain, waitAfter } from "../../runtime/retry-policy.ts";
import { TokenBuckets } from "../../runtime/token-buckets.ts";
import type { Admission } from "../admission.ts";
import type { ChatProfiles } from "../chat-profiles.ts";
import type { Ghosts } from "../ghosts.ts";
import type { PortalWithRoom } from "../successions.ts";
import type { ChangePace } from "./change-pace.ts";
import { crowdOf, crowdWords } from "./crowds.ts";
import type { GroupPictures } from "./group-pictures.ts";
import { powersOf, setGroupPowers } from "./group-powers.ts";
import { MemberPace } from "./member-pace.ts";
import { type OwnWrites, placeOf } from "./own-writes.ts";
import { othersGoOn } from "./shared-rooms.ts";

/** The most members who are brought in, or taken out, in one step: at first, and in each turn of a group with more. */
const MAX_MEMBERS = 20;
const MAX_IN_TURN = 5;
/** The most members among whom those are looked for who did not just come and go. */
const MAX_READ = 2_500;
/** Somebody who comes and goes, the powers and the picture are shown as they are so often at once, and then so seldom. */
const MEMBERS = { burst: 5, every: 10_000 };
const POWERS = { burst: 10, every: 5_000 };
const PICTURES = { burst: 5, every: 10_000 };
const MAX_TRIES = 5;

interface GroupRoomsParts {
  readonly store: Store;
  readonly homeserver: Homeserver;
  readonly encoder: Pick<MatrixEncoder, "notice">;
  readonly outbox: OutboxRows;
  readonly networks: ReadonlyMap<string, Network>;
  readonly ghosts: Ghosts;
  readonly admission: Admission;
  readonly ownWrites: Pick<OwnWrites, "sets" | "setsPowers">;
  readonly pictures: Pick<GroupPictures, "show">;
  readonly profiles: Pick<ChatProfiles, "of">;
  readonly changePace: Pick<ChangePace, "until">;
  readonly scheduler: Scheduler;
  readonly clock: Pick<Clock, "now">;
  readonly log: Log;
}

type GroupWithRoom = GroupPortal & PortalWithRoom;

/**
 * Brings a group's room in line with the group: its members, their power levels, its picture. It runs beside the
 * group's messages and holds none of them up; what is not yet shown is in the store, so that a crash loses nothing.
 */
export class GroupRooms {
  readonly #parts: GroupRoomsParts;
  /** Failed tries at showing a member or a picture, by whose it is. */
  readonly #tries = new Map<string, number>();
  readonly #pace = new MemberPace();
  readonly #members = new TokenBuckets(MEMBERS);
  readonly #powers = new TokenBuckets(POWERS);
  readonly #pictures = new TokenBuckets(PICTURES);

  constructor(parts: GroupRoomsParts) {
    this.#parts = parts;
  }

  /** One step of the group's lane. */
  async show(key: PortalKey): Promise<Step> {
    const { store, networks } = this.#parts;
    const portal = await store.portals.byChat(key);
    const login = await store.logins.get(key.login);
    const network = portal && networks.get(portal.network);
    if (portal?.kind !== "group" || portal.room === undefined || portal.state === "making") return "idle";
    if (login?.state !== "active" || !network) return "idle";
    const group = { ...portal, room: portal.room };
    // What a login whose person is out of the group knows of it is old.
    if (portal.state === "archived" && (await othersGoOn(store, portal))) return "idle";
    const waits: number[] = [];
    const stages = [
      () => this.#tellChanges(group, network),
      () => this.#bringMembers(group, network),
      () => this.#bringPowers(group),
      () => this.#bringPicture(group, network),
    ];
    for (const stage of stages) {
      const step = await this.#orWait(stage);
      if (step === "more" || (step !== "idle" && "wait" in step)) return step;
      if (step !== "idle") waits.push(step.due);
    }
    return waits.length === 0 ? "idle" : { due: Math.min(...waits) };
  }

  /** Tells of the changes that were too many to tell of each, and shows what came of them. */
  async #tellChanges(group: GroupWithRoom, network: Network): Promise<Step> {
    const { store, homeserver, encoder, outbox, profiles, changePace } = this.#parts;
    const { room, topic, untold } = group;
    if (untold === undefined) return "idle";
    const wait = changePace.until(room);
    if (wait > 0) return { due: wait };
    const { shown } = profiles.of(group, undefined, network);
    const state = (type: string, content: Readonly<{ [field: string]: string }>) =>
      outbox.row(room, homeserver.bot, { type, content }, { stateKey: "" });
    const rows = [
      state("m.room.name", { name: shown }),
      state("m.room.topic", { topic }),
      outbox.row(room, homeserver.bot, encoder.notice(untoldWords(untold))),
    ];
    await store.write((tx) => {
      for (const row of rows) tx.matrixOutbox.add(row);
      tx.portals.told(group, untold);
    });
    return "more";
  }

  async #bringMembers(group: GroupWithRoom, network: Network): Promise<Step> {
    const { store, clock } = this.#parts;
    const first = await store.portalMembers.unshown(group, MAX_MEMBERS);
    if (first.length === 0) return "idle";
    const waitOf = (member: PortalMember): number => this.#members.wait(keyOf(member), clock.now());
    let members = first.filter((member) => waitOf(member) === 0);
    if (members.length === 0) {
      const all = await store.portalMembers.unshown(group, MAX_READ);
      members = all.filter((member) => waitOf(member) === 0).slice(0, MAX_MEMBERS);
      if (members.length === 0) return { due: Math.min(...all.map(waitOf)) };
    }
    return this.#inTurn(group, network, members);
  }

  async #bringPowers(group: GroupWithRoom): Promise<Step> {
    if (group.powers === powersOf(group.permissions)) return "idle";
    const wait = group.powers === "" ? 0 : this.#powers.take(textOf(group), this.#parts.clock.now());
    if (wait > 0) return { due: wait };
    await this.#showPowers(group);
    return "more";
  }

  async #bringPicture(group: GroupWithRoom, network: Network): Promise<Step> {
    const { store, clock, pictures } = this.#parts;
    const { avatar } = group;
    if (avatar === group.picture) return "idle";
    const wait = this.#pictures.take(textOf(group), clock.now());
    if (wait > 0) return { due: wait };
    await this.#withTries(`${textOf(group)} ${avatar}`, () => pictures.show(group, network));
    await store.write((tx) => tx.portals.setPicture(group, avatar));
    return "more";
  }

  async #orWait(act: () => Promise<Step>): Promise<Step> {
    try {
      return await act();
    } catch (thrown) {
      const error = BridgeError.from(thrown);
      return waitAfter(error, 0);
    }
  }

  /** A new room has its first members at once; many are brought in turn by turn, with pauses. */
  async #inTurn(group: GroupWithRoom, network: Network, members: readonly PortalMember[]): Promise<Step> {
    const { clock } = this.#parts;
    if (members.length < MAX_MEMBERS || group.powers === "")
      return this.#showMembers(group, network, members);
    const begun = clock.now();
    const wait = this.#pace.until(textOf(group), begun);
    if (wait > 0) return { due: wait };
    const step = await this.#showMembers(group, network, members.slice(0, MAX_IN_TURN));
    this.#pace.took(clock.now() - begun);
    return step;
  }

  async #showMembers(
    group: GroupWithRoom,
    network: Network,
    members: readonly PortalMember[],
  ): Promise<Step> {
    const { scheduler, clock } = this.#parts;
    for (const member of members) {
      await scheduler.yield();
      const person = member.person ?? group.self;
      if (person === "") continue;
      const triesKey = `${keyOf(member)} ${member.membership}`;
      await this.#withTries(triesKey, async () => {
        // Our own people are in the room themselves, so a ghost that stood for one before leaves.
        if ((await this.#ownPeople(group)).has(person)) return this.#takeOut(group, person);
        if (member.membership === "joined") return this.#admit(group, network, person);
        if (!(await this.#isMember(person, group.room))) await this.#takeOut(group, person, member.doubts);
      });
      this.#members.take(keyOf(member), clock.now());
    }
    const record = (tx: Writes) => members.forEach((member) => tx.portalMembers.shown(member));
    const isLast =
      (await this.#parts.store.portalMembers.unshown(group, members.length + 1)).length === members.length;
    // Of those who may do what everybody may, nothing changes until the last is there.
    const changesPowers = members.some(({ person, role }) => person === undefined || role !== "member");
    if (group.powers === "") await this.#showPowers(group, record);
    else if (!isLast && !changesPowers) await this.#parts.store.write(record);
    else if (this.#powers.take(textOf(group), clock.now()) === 0) await this.#showPowers(group, record);
    else {
      await this.#parts.store.write((tx) => {
        record(tx);
        tx.portals.setPowers(group, DUE);
      });
    }
    return "more";
  }

  async #showPowers(group: GroupWithRoom, also: (tx: Writes) => void = () => {}): Promise<void> {
    const { store, homeserver, encoder, outbox } = this.#parts;
    await this.#withTries(textOf(group), () => setGroupPowers(this.#parts, group));
    const crowd = group.powers === "" ? await crowdOf(store, group) : undefined;
    const words = crowd === undefined ? undefined : crowdWords(crowd);
    const notice =
      words === undefined ? undefined : outbox.row(group.room, homeserver.bot, encoder.notice(words));
    await store.write((tx) => {
      if (words !== undefined && notice) tx.told.once(words, notice);
      tx.portals.setPowers(group, powersOf(group.permissions));
      also(tx);
    });
  }

  /**
   * Runs `act`, and after several failures goes on without it, unless it is an outage: the room is of use all the same.
   */
  async #withTries(what: string, act: () => Promise<void>): Promise<void> {
    try {
      await act();
      this.#tries.delete(what);
    } catch (thrown) {
      const error = BridgeError.from(thrown);
      const before = this.#tries.get(what) ?? 0;
      if (error.outage || triesAgain(error, before, MAX_TRIES)) {
        if (!error.outage) this.#tries.set(what, before + 1);
        throw error;
      }
      this.#tries.delete(what);
      this.#parts.log.warn("a group's room does not show all of the group", faultOf(error));
    }
  }

  async #admit({ room }: GroupWithRoom, network: Network, person: PersonId): Promise<void> {
    const { ghosts, admission } = this.#parts;
    const ghost = await ghosts.ensure(network, person, undefined, true);
    await admission.admit(room, ghost.user);
  }

  async #takeOut({ room, network }: GroupWithRoom, person: PersonId, doubts?: number): Promise<void> {
    const { store, homeserver, admission, ownWrites } = this.#parts;
    const ghost = await store.ghosts.byPerson(network, person);
    // Who has no account is in no room, unless there is a reason to doubt what is stored.
    if (!ghost || (ghost.profile === "none" && doubts === undefined)) return;
    admission.left(room, ghost.user);
    const member = (await homeserver.getState(room, "m.room.member", ghost.user))?.["membership"];
    if (member !== "join" && member !== "invite") return;
    ownWrites.sets(room, placeOf(ghost.user), "out");
    await homeserver.leave(ghost.user, room);
  }

  /** Whether another login that shares the room has the person as a member; it may have later news. */
  async #isMember(person: PersonId, room: RoomId): Promise<boolean> {
    const { store } = this.#parts;
    for (const portal of await store.portals.ofRoom(room)) {
      if (portal.state === "archived") continue;
      if ((await store.portalMembers.get(portal, person))?.membership === "joined") return true;
    }
    return false;
  }

  /** The network's ids of our own people who share the room. */
  async #ownPeople({ room }: GroupWithRoom): Promise<ReadonlySet<string>> {
    const all = await this.#parts.store.portals.ofRoom(room);
    return new Set(
      all.flatMap((one) => (one.kind === "group" && one.state !== "archived" ? [one.self] : [])),
    );
  }
}

const textOf = ({ login, chat }: PortalKey): string => `${login} ${chat}`;
const keyOf = (member: PortalMember): string => `${textOf(member)} ${member.person ?? ""}`;

/** What a portal has for powers while those of a group that changed are yet to be shown. */
const DUE = "due";

const untoldWords = (count: number): string =>
  `${count === 1 ? "One more change was" : `${count} more changes were`} made to this group within a short time. ` +
  "The room shows its name, topic, picture and members as they are now.";
