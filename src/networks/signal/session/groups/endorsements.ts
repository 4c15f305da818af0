import {
  GroupSendEndorsement,
  GroupSendEndorsementsResponse,
  type GroupSendFullToken,
  type ServerPublicParams,
  UuidCiphertext,
} from "@signalapp/libsignal-client/dist/zkgroup/index.js";
import type { ChatId, PersonId } from "../../../../core/model/ids.ts";
import { faultOf } from "../../../../core/ports/log.ts";
import type { GroupCipher } from "../../groups/group-cipher.ts";
import type { GroupServer } from "../../groups/group-server.ts";
import type { LoginContext } from "../../login-context.ts";
import type { OpenGroup } from "./open-group.ts";

interface EndorsementsParts {
  readonly context: Pick<LoginContext, "login" | "own" | "clock" | "log">;
  readonly server: Pick<GroupServer, "group">;
  readonly zkParams: ServerPublicParams;
}

/** That we are in a group with each of its members, by the word of the server of groups. */
interface Endorsed {
  readonly revision: number;
  readonly expires: Date;
  readonly of: ReadonlyMap<PersonId, GroupSendEndorsement>;
}

/** Milliseconds before they expire at which they are fetched anew: a message may be on its way for as long. */
const EARLY = 2 * 3_600_000;
/** Milliseconds for which they are not asked for again once they could not be had. */
const NO_ASKING = 60_000;
/** The most groups of which they are kept. */
const MOST = 500;

/**
 * What lets us write to the members of groups without the server learning who does, and to all at once. The server of
 * groups gives it with a group's state, for a day or two; it is not stored, as it can be fetched at any time.
 */
export class Endorsements {
  readonly #parts: EndorsementsParts;
  readonly #known = new Map<ChatId, Promise<Endorsed | undefined>>();
  readonly #failedAt = new Map<ChatId, number>();

  constructor(parts: EndorsementsParts) {
    this.#parts = parts;
  }

  /** Undefined where they cannot be had: then each member is written to alone. */
  async of({ chat, cipher, state }: OpenGroup): Promise<MemberTokens | undefined> {
    const known = await this.#known.get(chat);
    if (known && this.#isGood(known, state.revision)) return new MemberTokens(cipher, known);
    const failed = this.#failedAt.get(chat);
    const now = this.#parts.context.clock.now();
    if (failed !== undefined && now >= failed && now - failed < NO_ASKING) return undefined;
    const fetching = this.#fetch(chat, cipher);
    this.#keep(chat, fetching);
    const fetched = await fetching;
    return fetched && new MemberTokens(cipher, fetched);
  }

  /** The server does not take them any more. */
  forget(chat: ChatId): void {
    this.#known.delete(chat);
  }

  #isGood({ revision, expires }: Endorsed, wanted: number): boolean {
    return revision >= wanted && expires.getTime() - EARLY > this.#parts.context.clock.now();
  }

  #keep(chat: ChatId, fetching: Promise<Endorsed | undefined>): void {
    this.#known.delete(chat);
    this.#known.set(chat, fetching);
    const [oldest] = this.#known.keys();
    if (this.#known.size > MOST && oldest !== undefined) this.#known.delete(oldest);
  }

  async #fetch(chat: ChatId, cipher: GroupCipher): Promise<Endorsed | undefined> {
    const { context, server, zkParams } = this.#parts;
    const { login, own, clock, log } = context;
    try {
      const fetched = await server.group(cipher);
      if (fetched.kind !== "group" || fetched.endorsements.length === 0) return this.#failed(chat);
      const { members, version } = fetched.group;
      const response = new GroupSendEndorsementsResponse(Uint8Array.from(fetched.endorsements));
      const { endorsements } = response.receiveWithCiphertexts(
        members.map(({ userId }) => new UuidCiphertext(Uint8Array.from(userId))),
        new UuidCiphertext(cipher.userId(own)),
        zkParams,
        new Date(clock.now()),
      );
      const of = new Map<PersonId, GroupSendEndorsement>();
      for (const [index, { userId }] of members.entries()) {
        const [person, endorsement] = [cipher.person(userId), endorsements[index]];
        if (person !== undefined && person !== own && endorsement) of.set(person, endorsement);
      }
      this.#failedAt.delete(chat);
      return { revision: version, expires: response.getExpiration(), of };
    } catch (error) {
      log.warn("a group's endorsements could not be had", { login, ...faultOf(error) });
      return this.#failed(chat);
    }
  }

  #failed(chat: ChatId): undefined {
    this.#failedAt.set(chat, this.#parts.context.clock.now());
    return undefined;
  }
}

/** Makes what a send to members of one group is allowed with. */
export class MemberTokens {
  readonly #cipher: GroupCipher;
  readonly #endorsed: Endorsed;

  constructor(cipher: GroupCipher, endorsed: Endorsed) {
    this.#cipher = cipher;
    this.#endorsed = endorsed;
  }

  /** Of the group, at which the server told its members. */
  get revision(): number {
    return this.#endorsed.revision;
  }

  has(person: PersonId): boolean {
    return this.#endorsed.of.has(person);
  }

  /** For one send to exactly these; undefined where one of them is not endorsed, or there are none. */
  for(people: readonly PersonId[]): GroupSendFullToken | undefined {
    const { of, expires } = this.#endorsed;
    const endorsements = people.flatMap((person) => of.get(person) ?? []);
    const [first] = endorsements;
    if (!first || endorsements.length < people.length) return undefined;
    const all = endorsements.length === 1 ? first : GroupSendEndorsement.combine(endorsements);
    return all.toFullToken(this.#cipher.secret, expires);
  }
}
