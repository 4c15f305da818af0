import type { RemoteEvent } from "../../../core/model/events.ts";
import type { LoginId, MessageId, PersonId } from "../../../core/model/ids.ts";
import type { Clock } from "../../../core/ports/clock.ts";
import { faultOf, type Log } from "../../../core/ports/log.ts";
import type { RemoteSink } from "../../../core/ports/network.ts";
import type { Store } from "../../../core/ports/store.ts";
import { SerialByKey } from "../../../core/runtime/serial-by-key.ts";
import { chatWith, isNumberOnly, serviceIdOf } from "../ids.ts";
import { profilePictureRef } from "../media/media-ref.ts";
import { type ContactProfile, type Recipient, signalFamily } from "../records.ts";
import type { Requesting } from "../service/json-requests.ts";
import { readProfile, type SealedProfile } from "../service/profiles.ts";
import { serviceFailure } from "../service/service-errors.ts";
import { openProfileName } from "./profile-name.ts";

interface ProfilesParts {
  readonly login: LoginId;
  readonly store: Store;
  readonly sink: Pick<RemoteSink, "accept">;
  /** A connection that does not name us; undefined while there is none. */
  readonly anonymous: () => Promise<Requesting | undefined>;
  /** Our own connection. */
  readonly identified: () => Promise<Requesting>;
  readonly clock: Clock;
  readonly log: Log;
}

/** When a profile was asked for, and with which key. */
interface Asked {
  readonly at: number;
  readonly key: Uint8Array;
}

/** Milliseconds that the first message of somebody waits for their name, at most. */
const FIRST_WAIT = 1_000;
/** Milliseconds for which nobody's is waited for after one that did not come, and no answer is asked for again. */
const NO_WAIT = 60_000;
/** Milliseconds after which a profile is read again, when its person writes. */
const AGAIN = 24 * 3_600_000;

/** Keeps what contacts tell of themselves to whom they gave their profile key. */
export class Profiles {
  readonly #parts: ProfilesParts;
  readonly #serial = new SerialByKey();
  #noWaitUntil = 0;
  /** Of whom a name was asked lately, as somebody may begin with many messages; the earliest first. */
  readonly #firstNames = new Map<PersonId, Asked & { readonly name: Promise<string | undefined> }>();
  /** Of whom a profile could last not be read. */
  readonly #failures = new Map<PersonId, Asked>();

  constructor(parts: ProfilesParts) {
    this.#parts = parts;
  }

  /**
   * Reads a contact's profile where that is due, and tells of what has changed. `isKeyNew`: their key is another one than
   * what is known was read with, which opens nothing of it any more.
   */
  async refresh(person: PersonId, { isKeyNew = false } = {}): Promise<void> {
    if (isNumberOnly(person)) return;
    await this.#serial
      .run(person, () => this.#refresh(person, isKeyNew))
      .catch((error: unknown) => {
        const { log, login } = this.#parts;
        log.debug("a profile could not be read", { login, ...faultOf(error) });
      });
  }

  /**
   * The name of somebody who was not met before, so that their chat does not begin without one. It is not waited for
   * long: other messages wait behind this one.
   */
  async firstName(person: PersonId, profileKey: Uint8Array): Promise<string | undefined> {
    const { clock } = this.#parts;
    if (isNumberOnly(person) || clock.now() < this.#noWaitUntil) return undefined;
    const waited = Promise.withResolvers<undefined>();
    const cancel = clock.after(FIRST_WAIT, () => {
      this.#noWaitUntil = clock.now() + NO_WAIT;
      waited.resolve(undefined);
    });
    try {
      return await Promise.race([this.#firstName(person, profileKey), waited.promise]);
    } finally {
      cancel();
    }
  }

  #firstName(person: PersonId, profileKey: Uint8Array): Promise<string | undefined> {
    const at = this.#parts.clock.now();
    for (const [one, asked] of this.#firstNames) {
      if (isLately(asked.at, at)) break;
      this.#firstNames.delete(one);
    }
    const asked = this.#firstNames.get(person);
    if (asked && isSame(asked.key, profileKey)) return asked.name;
    const name = this.#readName(person, profileKey).catch(() => undefined);
    this.#firstNames.delete(person);
    this.#firstNames.set(person, { at, key: profileKey, name });
    return name;
  }

  async #readName(person: PersonId, profileKey: Uint8Array): Promise<string | undefined> {
    const sealed = await this.#sealed(person, profileKey);
    return sealed?.name && openProfileName(profileKey, sealed.name);
  }

  /**
   * The profile; undefined where there is no connection. A key that the server does not take any more still opens what
   * it was for: as Signal's apps do, that is asked for by name.
   */
  async #sealed(person: PersonId, profileKey: Uint8Array): Promise<SealedProfile | undefined> {
    const { anonymous, identified } = this.#parts;
    const aci = serviceIdOf(person);
    const connection = await anonymous();
    if (!connection) return undefined;
    try {
      return await readProfile(connection, aci, profileKey);
    } catch (error) {
      if (serviceFailure(error).kind !== "unauthorized") throw error;
      return readProfile(await identified(), aci, profileKey, { isAnonymous: false });
    }
  }

  async #refresh(person: PersonId, isKeyNew: boolean): Promise<void> {
    const { login, store, sink, clock } = this.#parts;
    const recipient = await store.family(signalFamily).recipient(login, person);
    const at = clock.now();
    if (!recipient?.profileKey || !isDue(recipient, at, isKeyNew ? NO_WAIT : AGAIN)) return;
    const { profileKey } = recipient;
    const failed = this.#failures.get(person);
    // Another key may open what the former one does not.
    if (failed && isLately(failed.at, at) && isSame(failed.key, profileKey)) return;
    this.#failures.set(person, { at, key: profileKey });
    const sealed = await this.#sealed(person, profileKey);
    if (!sealed) return void this.#failures.delete(person);
    const name = sealed.name && openProfileName(profileKey, sealed.name);
    const profile: ContactProfile = { name: name ?? recipient.profile?.name, avatar: sealed.avatar, at };
    const refOf = (path: string): string => (path === "" ? "" : profilePictureRef(path, profileKey));
    await sink.accept([...changes(person, recipient.profile, profile, refOf)], (tx) =>
      tx.family(signalFamily).setProfile(login, person, profile),
    );
    this.#failures.delete(person);
  }
}

const isSame = (one: Uint8Array, other: Uint8Array): boolean => Buffer.compare(one, other) === 0;

/** A time ahead is of before the clock was set back. */
const isLately = (then: number | undefined, now: number): boolean =>
  then !== undefined && now >= then && now - then < NO_WAIT;

const isDue = ({ profile }: Recipient, now: number, after: number): boolean =>
  profile === undefined || now - profile.at >= after || now < profile.at;

function* changes(
  person: PersonId,
  before: ContactProfile | undefined,
  after: ContactProfile,
  refOf: (path: string) => string,
): Generator<RemoteEvent> {
  const { at, name, avatar } = after;
  const head = (kind: string) => ({
    chat: chatWith(person),
    sender: person,
    id: `profile/${at}/${kind}` as MessageId,
    at,
  });
  if (name !== undefined && name !== before?.name) yield { kind: "renamed", ...head("name"), name };
  if (avatar !== (before?.avatar ?? "")) yield { kind: "avatar", ...head("avatar"), avatar: refOf(avatar) };
}
