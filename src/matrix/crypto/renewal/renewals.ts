import type { UserId } from "../../../core/model/ids.ts";
import type { Clock } from "../../../core/ports/clock.ts";
import type { HomeserverSink } from "../../../core/ports/homeserver-sink.ts";
import type { Store } from "../../../core/ports/store.ts";
import { fieldOf } from "../../http/json.ts";
import { cryptoRecords } from "../crypto-records.ts";
import type { Machines } from "../machines.ts";
import { placeOf } from "../message-index.ts";

interface RenewalsParts {
  readonly store: Store;
  readonly bot: UserId;
  readonly isOurs: (user: UserId) => boolean;
  readonly clock: Pick<Clock, "now">;
}

const OTHERS =
  "My users have new sessions for encrypted rooms, with the identities they had, so nobody has to verify anything anew. " +
  "What was encrypted for the old ones before that may not be readable; whoever wrote it is told in the room.";

/** What administrators are told. */
const words = {
  device: `The homeserver had lost sessions that my users encrypt with; somebody may have signed them out. ${OTHERS}`,
  homeserver: `The homeserver seems to have been put back from an older copy. ${OTHERS}`,
  file: `Rooms show encrypted messages of mine that my database does not know, so it seems to have been put back from an older copy. ${OTHERS}`,
  identity:
    "The keys of my users for encrypted rooms were lost, so they have new ones. People's apps say that an identity was " +
    "reset; who verified the bot verifies it again. What was written for the old keys cannot be read.",
} as const;

/** Finds out that our users' devices cannot go on, and has them made anew. */
export class Renewals {
  readonly #parts: RenewalsParts;
  readonly #machines: Pick<Machines, "doubt" | "doubtAll" | "look">;
  #sink: Pick<HomeserverSink, "tellAdministrators"> | undefined;
  /** Those of ours whose devices the homeserver told to be others. */
  readonly #changed = new Set<UserId>();
  /** What is older was said by devices that are doubted since. */
  #doubtedAt = 0;

  constructor(parts: RenewalsParts, machines: Pick<Machines, "doubt" | "doubtAll" | "look">) {
    this.#parts = parts;
    this.#machines = machines;
  }

  /** Who tells the administrators. */
  set sink(sink: Pick<HomeserverSink, "tellAdministrators">) {
    this.#sink = sink;
  }

  /** Administrators are told that somebody of ours has a new device, or a new identity. */
  lost(what: "device" | "identity"): void {
    this.#tell(what);
  }

  /** To be called when the homeserver does not know the bot's device. Throws BridgeError. */
  async deviceLost(): Promise<void> {
    await this.#machines.doubt(this.#parts.bot);
    this.#tell("device");
  }

  /** To be called for whose devices the homeserver told to be others: {@link look} looks at those of ours. */
  changed(users: readonly string[]): void {
    for (const user of users) if (this.#parts.isOurs(user as UserId)) this.#changed.add(user as UserId);
  }

  /** Throws BridgeError. */
  async look(): Promise<void> {
    const changed = Array.from(this.#changed);
    if ((await this.#machines.look(changed)) > 0) this.#tell("device");
    for (const user of changed) this.#changed.delete(user);
  }

  /**
   * Whether an event of a room is one that one of ours encrypted and that nothing here knows of: the file is older than the
   * world then. Throws BridgeError.
   */
  async isUnknown(raw: unknown): Promise<boolean> {
    const sender = fieldOf(raw, "sender");
    if (fieldOf(raw, "type") !== "m.room.encrypted" || !this.#parts.isOurs(sender as UserId)) return false;
    const at = fieldOf(raw, "origin_server_ts");
    if (typeof at === "number" && at <= this.#doubtedAt) return false;
    const place = placeOf(fieldOf(raw, "content"));
    return place !== undefined && !(await this.#parts.store.family(cryptoRecords).isSealed(place));
  }

  /**
   * Doubts all devices: the database is older than what the homeserver shows, or the homeserver older than what it has
   * shown. Throws BridgeError.
   */
  async isOlder(which: "file" | "homeserver"): Promise<void> {
    this.#doubtedAt = this.#parts.clock.now();
    if ((await this.#machines.doubtAll()) > 0) this.#tell(which);
  }

  #tell(what: keyof typeof words): void {
    // What cannot be told is told where it happens again.
    this.#sink?.tellAdministrators(words[what]).catch(() => undefined);
  }
}
