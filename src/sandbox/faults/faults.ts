import { z } from "zod";
import { networkNames } from "../config.ts";
import { failureName, type Logger } from "../logger.ts";
import type { CommitGroup } from "../state/commit-group.ts";
import type { Db } from "../state/database.ts";
import type { Occasion } from "./fault-target.ts";

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

/** `after` matches pass untouched, then `count` are hit; without `count` the fault stands until it is deleted. */
export const faultOrder = z.strictObject({
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
export type FaultOrder = z.infer<typeof faultOrder>;

interface Standing {
  readonly id: number;
  readonly order: FaultOrder;
  seen: number;
  used: number;
}

const fits = (wanted: string | undefined, given: readonly (string | undefined)[]): boolean =>
  wanted === undefined || given.includes(wanted);

function applies({ order, used }: Standing, occasion: Occasion): boolean {
  if (order.network !== undefined && order.network !== occasion.network) return false;
  if (order.direction !== undefined && order.direction !== occasion.direction) return false;
  if (order.stanza !== undefined && order.stanza !== occasion.stanza) return false;
  if (order.count !== undefined && used >= order.count) return false;
  return fits(order.person, occasion.person) && fits(order.user, occasion.user);
}

/** The faults that somebody ordered. What each has already hit is kept too, so a restart does not repeat it. */
export class Faults {
  readonly #commits: CommitGroup;
  readonly #log: Logger;
  readonly #standing = new Map<number, Standing>();
  readonly #insert;
  readonly #progress;
  readonly #delete;

  constructor(db: Db, commits: CommitGroup, log: Logger) {
    this.#commits = commits;
    this.#log = log;
    this.#insert = db.prepare("INSERT INTO fault (spec, seen, used) VALUES (?, 0, 0)");
    this.#progress = db.prepare("UPDATE fault SET seen = ?, used = ? WHERE id = ?");
    this.#delete = db.prepare("DELETE FROM fault WHERE id = ?");
    const rows = db
      .prepare<[], { id: number; spec: string; seen: number; used: number }>("SELECT * FROM fault")
      .all();
    for (const { id, spec, seen, used } of rows) {
      this.#standing.set(id, { id, order: faultOrder.parse(JSON.parse(spec)), seen, used });
    }
  }

  get none(): boolean {
    return this.#standing.size === 0;
  }

  /** The first fault of these names that hits this occasion, counted as used; undefined when there is none. */
  take(names: readonly FaultName[], occasion: Occasion): FaultOrder | undefined {
    let hit: FaultOrder | undefined;
    for (const standing of this.#standing.values()) {
      if (!names.includes(standing.order.fault) || !applies(standing, occasion)) continue;
      // Everyone counts what passes by; the first that is due takes it.
      standing.seen += 1;
      if (hit === undefined && standing.seen > (standing.order.after ?? 0)) {
        standing.used += 1;
        hit = standing.order;
      }
      this.#commits
        .commit(() => this.#progress.run(standing.seen, standing.used, standing.id))
        .catch((cause: unknown) => this.#log.error("fault not counted", { failure: failureName(cause) }));
    }
    return hit;
  }

  async add(order: FaultOrder): Promise<number> {
    const id = await this.#commits.commit(() =>
      Number(this.#insert.run(JSON.stringify(order)).lastInsertRowid),
    );
    this.#standing.set(id, { id, order, seen: 0, used: 0 });
    return id;
  }

  list(): readonly unknown[] {
    return [...this.#standing.values()].map(({ id, order, seen, used }) => ({ id, ...order, seen, used }));
  }

  /** Deletes one, or all; tells how many there were. */
  async remove(id?: number): Promise<number> {
    const doomed = [...this.#standing.keys()].filter((one) => id === undefined || one === id);
    await this.#commits.commit(() => {
      for (const one of doomed) this.#delete.run(one);
    });
    for (const one of doomed) this.#standing.delete(one);
    return doomed.length;
  }
}
