import type { NetworkName } from "../config.ts";
import { failureName, type Logger } from "../logger.ts";
import type { CommitGroup } from "../state/commit-group.ts";
import type { Db } from "../state/database.ts";

/** How a client broke the profile. */
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
  | "too-many-retries"
  | "not-a-member"
  | "no-sender-key"
  | "encrypted-twice";

export interface Violation {
  readonly kind: ViolationKind;
  readonly network: NetworkName;
  /** The integrator user's JID, when it is known who did it. */
  readonly user?: string | undefined;
  /** Message or stanza id. */
  readonly id?: string | undefined;
  /** What was wrong, in words without anybody's data. */
  readonly words: string;
}

/** Every violation of the profile by a client, stored in order and never deleted. */
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

  add(violation: Violation): void {
    this.#log.warn("violation", { ...violation });
    const body = JSON.stringify({ at: Date.now(), ...violation, id: violation.id?.slice(0, 128) });
    this.#commits
      .commit(() => this.#insert.run(body))
      .catch((cause: unknown) => this.#log.error("violation not kept", { failure: failureName(cause) }));
  }

  list(): readonly unknown[] {
    this.#commits.flush();
    return this.#all.all().map(({ seq, body }) => ({ seq, ...(JSON.parse(body) as object) }));
  }
}
