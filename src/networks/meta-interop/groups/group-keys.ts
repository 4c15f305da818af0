import { setImmediate as nextTurn } from "node:timers/promises";
import { BridgeError } from "../../../core/model/errors.ts";
import type { ChatId, PersonId } from "../../../core/model/ids.ts";
import type { UnreachedMember, UnreachedReason } from "../../../core/model/reachability-text.ts";
import { faultOf } from "../../../core/ports/log.ts";
import type { Writes } from "../../../core/ports/store.ts";
import type { PublicBundle } from "../../../signal-protocol/public-keys.ts";
import { distributeSenderKey } from "../../../signal-protocol/sender-keys.ts";
import type { SignalTransaction } from "../../../signal-protocol/signal-transaction.ts";
import type { Connection } from "../connection/connection.ts";
import { interopGroups, type StoredMember } from "../group-records.ts";
import { deviceOf } from "../session/device-address.ts";
import type { LoginContext } from "../session/login-context.ts";
import type { MemberKeys } from "../session/retry/message-resender.ts";
import { fetchBundles, startSessions } from "../session/sessions.ts";
import { type Node, node } from "../wire/node.ts";
import { pad } from "../wire/padding.ts";
import { encodePlaintext } from "../wire/plaintext.ts";
import type { SenderKey } from "../wire/plaintext-kinds.ts";
import type { Group, GroupDirectory } from "./group-directory.ts";

/** The most people of one request for keys, and the most such requests at once. */
const PEOPLE_PER_REQUEST = 100;
const REQUESTS_AT_ONCE = 4;
/** The most keys that come with one message: a stanza has room for so many. The rest come with the next ones. */
const KEYS_PER_MESSAGE = 400;
/** Members for whom it is encrypted, and of whom the sessions are looked up, in one turn of the event loop. */
const ENCRYPTED_A_TURN = 20;
const READ_A_TURN = 50;
/** Milliseconds for which a member without usable keys is not asked for them again. */
const ASK_AGAIN = 10 * 60_000;

/** Milliseconds for which keys are not asked for again over a connection on which they were not given. */
const ASK_LATER = 60_000;

/** The sender key as members get it with a message, each encrypted for one. */
export interface GivenKeys {
  readonly distribution: string;
  readonly keys: readonly { readonly jid: string; readonly enc: Node }[];
  /** Who cannot be given it, and was not said to be so before. */
  readonly without: readonly UnreachedMember[];
  record(tx: Writes): void;
}

/** Our sender keys of groups, and who has them. */
export class GroupKeys implements MemberKeys {
  readonly #context: LoginContext;
  readonly #directory: GroupDirectory;
  /** Until when a person is not asked for keys again, and why there are none. */
  readonly #unusable = new Map<PersonId, { readonly until: number; readonly why: UnreachedReason }>();
  /** As that, over one connection: the gatekeeper did not answer, or wants to be asked less. */
  readonly #later = new WeakMap<Connection, Map<PersonId, number>>();

  constructor(context: LoginContext, directory: GroupDirectory) {
    this.#context = context;
    this.#directory = directory;
  }

  /** The members to whom the next message brings its key, as they do not have it. */
  lacking({ about, members }: Group, connection: Connection): readonly StoredMember[] {
    const { own, clock } = this.#context;
    const now = clock.now();
    const later = this.#later.get(connection);
    const lacking = members.filter(
      ({ person, holds }) =>
        (person as string) !== own &&
        (about.distribution === undefined || holds !== about.distribution) &&
        (this.#unusable.get(person)?.until ?? 0) <= now &&
        (later?.get(person) ?? 0) <= now,
    );
    return lacking.slice(0, KEYS_PER_MESSAGE);
  }

  /** Fetches the keys of those with whom there is no session. It holds nobody up, and never throws. */
  async bundlesFor(
    people: readonly StoredMember[],
    connection: Connection,
  ): Promise<ReadonlyMap<PersonId, PublicBundle>> {
    const { signal } = this.#context;
    const asked: PersonId[] = [];
    {
      using work = await signal.begin(...people.map(({ person }) => person));
      for (const [index, { person }] of people.entries()) {
        if (index % READ_A_TURN === READ_A_TURN - 1) await nextTurn();
        if ((await signal.currentSession(work, deviceOf(person))) === undefined) asked.push(person);
      }
    }
    const found = new Map<PersonId, PublicBundle>();
    const pages = Array.from({ length: Math.ceil(asked.length / PEOPLE_PER_REQUEST) }, (_, page) =>
      asked.slice(page * PEOPLE_PER_REQUEST, (page + 1) * PEOPLE_PER_REQUEST),
    ).values();
    const fetchPages = async (): Promise<void> => {
      for (const page of pages) await this.#fetch(page, connection, found);
    };
    await Promise.all(Array.from({ length: REQUESTS_AT_ONCE }, fetchPages));
    return found;
  }

  /**
   * Encrypts the sender key for those who lack it, in a unit of work on them and us; a new key where there is none.
   * Whoever cannot be encrypted for is left out. Undefined where somebody's key turns out to be another one: then all
   * get a new sender key.
   */
  async give(
    work: SignalTransaction,
    { chat, about }: Group,
    lacking: readonly StoredMember[],
    bundles: ReadonlyMap<PersonId, PublicBundle>,
  ): Promise<GivenKeys | undefined> {
    const { signal, random, login, profile, clock } = this.#context;
    const { changed, unusable } = await startSessions(this.#context, work, bundles);
    for (const person of bundles.keys()) this.#unusable.delete(person);
    for (const person of unusable)
      this.#unusable.set(person, { until: clock.now() + ASK_AGAIN, why: "keys" });
    if (changed.length > 0) return undefined;
    const distribution = about.distribution ?? random.uuid();
    const key = { group: chat, distribution: await distributeSenderKey(work, distribution) };
    const plaintext = encodePlaintext(profile.plaintext, { kind: "senderKey", ...key });
    const keys: { readonly jid: PersonId; readonly enc: Node }[] = [];
    const without: UnreachedMember[] = [];
    for (const [index, member] of lacking.entries()) {
      if (index % ENCRYPTED_A_TURN === ENCRYPTED_A_TURN - 1) await nextTurn();
      const sealed = await signal.encrypt(work, deviceOf(member.person), pad(plaintext));
      if (sealed) {
        const enc = node("enc", { v: profile.encVersion, type: sealed.type }, sealed.bytes);
        keys.push({ jid: member.person, enc });
      } else {
        const { person } = member;
        const why = this.#unusable.get(person)?.why;
        if (!member.said && why !== undefined) without.push({ person, why });
      }
    }
    return {
      distribution,
      keys,
      without,
      record(tx) {
        const groups = tx.family(interopGroups);
        if (about.distribution === undefined) groups.setDistribution(login, chat, distribution);
        for (const { jid } of keys) groups.setHolds(login, chat, jid, distribution);
        for (const { person } of without) groups.setSaid(login, chat, person);
      },
    };
  }

  async isMember(chat: ChatId, person: PersonId): Promise<boolean> {
    const { store, login, own } = this.#context;
    const reads = store.family(interopGroups);
    if (!(await reads.group(login, chat))) return false;
    const both = [await reads.member(login, chat, own as PersonId), await reads.member(login, chat, person)];
    return both.every((member) => member !== undefined && member.leftAt === undefined);
  }

  async keyFor(
    work: SignalTransaction,
    chat: ChatId,
    person: PersonId,
  ): Promise<(SenderKey & { record(tx: Writes): void }) | undefined> {
    const { login, store } = this.#context;
    const distribution = (await store.family(interopGroups).group(login, chat))?.distribution;
    if (distribution === undefined) return undefined;
    return {
      group: chat,
      distribution: await distributeSenderKey(work, distribution),
      record: (tx) => tx.family(interopGroups).setHolds(login, chat, person, distribution),
    };
  }

  async unreadable(chat: ChatId, person: PersonId, error: BridgeError): Promise<void> {
    const { sink, login } = this.#context;
    const group = await this.#directory.stored(chat);
    const member = group?.members.find((one) => one.person === person);
    if (!group || !member || member.said) return;
    const words = `${calledBy(member)} cannot read what you write in “${group.about.subject}”; the others can. ${error.words}`;
    await sink.tell(words, (tx) => tx.family(interopGroups).setSaid(login, chat, person));
  }

  async #fetch(
    people: readonly PersonId[],
    connection: Connection,
    found: Map<PersonId, PublicBundle>,
  ): Promise<void> {
    const { log, login, clock } = this.#context;
    try {
      for (const [person, bundle] of await fetchBundles(this.#context, people, connection)) {
        if (bundle instanceof BridgeError)
          this.#unusable.set(person, { until: clock.now() + ASK_AGAIN, why: whyWithout(bundle) });
        else found.set(person, bundle);
      }
    } catch (error) {
      const later = this.#later.get(connection) ?? new Map<PersonId, number>();
      for (const person of people) later.set(person, clock.now() + ASK_LATER);
      this.#later.set(connection, later);
      log.warn("keys of a group's members could not be fetched", {
        login,
        count: people.length,
        ...faultOf(error),
      });
    }
  }
}

const whyWithout = ({ reason }: BridgeError): UnreachedReason =>
  reason === "not-reachable" ? "off" : "keys";

/** What a member is called, or the number in their JID. */
export const calledBy = ({ name, person }: Pick<StoredMember, "name" | "person">): string =>
  name === undefined || name.trim() === "" ? `+${person.split("@")[0]}` : name;
