import type { NetworkName } from "../config.ts";
import { failureName, type Logger } from "../logger.ts";
import type { CommitGroup } from "../state/commit-group.ts";
import type { Db } from "../state/database.ts";

/** A client's breach of the profile. */
type ViolationKind =
  | "bad-frame"
  | "bad-handshake"
  | "bad-client-payload"
  | "bad-token"
  | "malformed-request"
  | "malformed-stanza"
  | "unknown-stanza"
  | "unknown-iq"
  | "unacknowledged"
  | "unknown-ack"
  | "unknown-receipt"
  | "wrong-sts"
  | "reused-prekey"
  | "bad-prekey"
  | "reused-jti"
  | "reused-message-id"
  | "too-many-retries";

export interface Breach {
  readonly kind: ViolationKind;
  readonly network: NetworkName;
  /** The integrator user's JID, when it is known who did it. */
  readonly user?: string | undefined;
  /** Message or stanza id. */
  readonly id?: string | undefined;
  /** What was wrong, in words without anybody's data. */
  readonly words: string;
}

/** Every breach, kept for ever in order of arrival. */
export class Violations {
  readonly #commits: CommitGroup;
  readonly #log: Logger;
  readonly #insert;
  readonly #all;

  constructor(db: Db, commits: CommitGroup, log: Logger) {
    this.#commits = commits;
    this.#log = log;
    this.#insert = db.prepare("INSERT INTO violation (body) VALUES (?)");
    this.#all = db.prepare<[], { seq: number; body: string }>("SELECT seq, body FROM violation ORDER BY seq");
  }

  add(breach: Breach): void {
    this.#log.warn("violation", { ...breach });
    const body = JSON.stringify({ at: Date.now(), ...breach, id: breach.id?.slice(0, 128) });
    this.#commits
      .commit(() => this.#insert.run(body))
      .catch((cause: unknown) => this.#log.error("violation not kept", { failure: failureName(cause) }));
  }

  list(): readonly unknown[] {
    this.#commits.flush();
    return this.#all.all().map(({ seq, body }) => ({ seq, ...(JSON.parse(body) as object) }));
  }
}
