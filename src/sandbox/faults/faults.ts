import { z } from "zod";
import { networkNames } from "../config.ts";
import { failureName, type Logger } from "../logger.ts";
import type { CommitGroup } from "../state/commit-group.ts";
import type { Db } from "../state/database.ts";
import type { FaultTarget } from "./fault-target.ts";

export const faultNames = [
  "drop",
  "duplicate",
  "delay",
  "reorder",
  "disconnect",
  "reject-handshake",
  "failure",
  "retry-receipt",
  "prekeys-exhausted",
  "throttle",
  "media-down",
  "http-error",
] as const;
export type FaultName = (typeof faultNames)[number];

/** The first `after` matches pass untouched, the next `count` are hit; without `count` all are, until the rule is deleted. */
export const faultRule = z.strictObject({
  fault: z.enum(faultNames),
  network: z.enum(networkNames).optional(),
  person: z.string().min(1).optional(),
  user: z.string().min(1).optional(),
  direction: z.enum(["to_bridge", "from_bridge"]).optional(),
  stanza: z.string().min(1).optional(),
  after: z.int().nonnegative().optional(),
  count: z.int().positive().optional(),
  ms: z.int().nonnegative().max(600_000).optional(),
});
export type FaultRule = z.infer<typeof faultRule>;

interface ActiveFault {
  readonly id: number;
  readonly rule: FaultRule;
  seen: number;
  used: number;
}

const fits = (wanted: string | undefined, given: readonly (string | undefined)[]): boolean =>
  wanted === undefined || given.includes(wanted);

function applies({ rule, used }: ActiveFault, target: FaultTarget): boolean {
  if (rule.network !== undefined && rule.network !== target.network) return false;
  if (rule.direction !== undefined && rule.direction !== target.direction) return false;
  if (rule.stanza !== undefined && rule.stanza !== target.stanza) return false;
  if (rule.count !== undefined && used >= rule.count) return false;
  return fits(rule.person, target.person) && fits(rule.user, target.user);
}

/** The fault rules in force. How often each has hit is stored with it, so that a restart does not begin again. */
export class Faults {
  readonly #commits: CommitGroup;
  readonly #log: Logger;
  readonly #active = new Map<number, ActiveFault>();
  readonly #onHit: (fault: FaultName, target: FaultTarget) => void;
  readonly #insert;
  readonly #progress;
  readonly #delete;

  /** @param onHit told of each hit. */
  constructor(
    db: Db,
    commits: CommitGroup,
    log: Logger,
    onHit: (fault: FaultName, target: FaultTarget) => void = () => undefined,
  ) {
    this.#onHit = onHit;
    this.#commits = commits;
    this.#log = log;
    this.#insert = db.prepare("INSERT INTO fault (spec, seen, used) VALUES (?, 0, 0)");
    this.#progress = db.prepare("UPDATE fault SET seen = ?, used = ? WHERE id = ?");
    this.#delete = db.prepare("DELETE FROM fault WHERE id = ?");
    const rows = db
      .prepare<[], { id: number; spec: string; seen: number; used: number }>("SELECT * FROM fault")
      .all();
    for (const { id, spec, seen, used } of rows) {
      this.#active.set(id, { id, rule: faultRule.parse(JSON.parse(spec)), seen, used });
    }
  }

  get none(): boolean {
    return this.#active.size === 0;
  }

  /** The first rule of these faults that hits the target, counted as used; undefined when none does. */
  hit(names: readonly FaultName[], target: FaultTarget): FaultRule | undefined {
    let found: FaultRule | undefined;
    for (const active of this.#active.values()) {
      if (!names.includes(active.rule.fault) || !applies(active, target)) continue;
      // Every rule that matches counts the target as seen; only the first whose turn it is hits it.
      active.seen += 1;
      if (found === undefined && active.seen > (active.rule.after ?? 0)) {
        active.used += 1;
        found = active.rule;
      }
      this.#commits
        .commit(() => this.#progress.run(active.seen, active.used, active.id))
        .catch((cause: unknown) => this.#log.error("fault not counted", { failure: failureName(cause) }));
    }
    if (found !== undefined) this.#onHit(found.fault, target);
    return found;
  }

  async add(rule: FaultRule): Promise<number> {
    const id = await this.#commits.commit(() =>
      Number(this.#insert.run(JSON.stringify(rule)).lastInsertRowid),
    );
    this.#active.set(id, { id, rule, seen: 0, used: 0 });
    return id;
  }

  list(): readonly unknown[] {
    return [...this.#active.values()].map(({ id, rule, seen, used }) => ({ id, ...rule, seen, used }));
  }

  /** Deletes one rule, or all; answers how many. */
  async remove(id?: number): Promise<number> {
    const removed = [...this.#active.keys()].filter((one) => id === undefined || one === id);
    await this.#commits.commit(() => {
      for (const one of removed) this.#delete.run(one);
    });
    for (const one of removed) this.#active.delete(one);
    return removed.length;
  }
}
