import { randomBytes } from "node:crypto";
import { z } from "zod";
import { pad } from "../../networks/meta-interop/wire/padding.ts";
import { encodeText } from "../../networks/meta-interop/wire/plaintext.ts";
import { networkNames } from "../config.ts";
import { HttpError } from "../http/http-error.ts";
import { failureName, type Logger } from "../logger.ts";
import type { People } from "../phone/people.ts";
import type { Person } from "../phone/person.ts";
import type { PersonParts } from "../phone/person-parts.ts";
import { type Draft, postSealed, sealAhead } from "../phone/person-send.ts";
import type { Account, Accounts } from "../state/accounts.ts";
import type { Db } from "../state/database.ts";

/** `text` is sent as it is; without it messages are numbered a person, so that their order can be seen. */
export const loadOrder = z.strictObject({
  network: z.enum(networkNames),
  people: z.int().min(1).max(500),
  messages: z.int().min(1).max(1_000_000),
  to: z.string().min(1),
  text: z.string().min(1).max(65_536).optional(),
});
export type LoadOrder = z.infer<typeof loadOrder>;

interface Run {
  readonly id: number;
  readonly order: LoadOrder;
  sent: number;
  acked: number;
  delivered: number;
  /** Milliseconds before this process, and when this process began. */
  readonly before: number;
  startedAt: number | undefined;
  endedAt: number | undefined;
}

/** Messages a person writes in one round, at most. */
const breath = 10;
/** How far sending may run ahead of acknowledgements, with the bridge connected and without. */
const ahead = { here: 2000, away: 20_000 };

interface Post extends Pick<PersonParts, "commits" | "wake"> {
  readonly connected: (account: number) => boolean;
}

/** Load runs: many people write to one user as fast as the wire takes it. A run goes on after a restart. */
export class Loads {
  readonly #db: Db;
  readonly #people: People;
  readonly #accounts: Accounts;
  readonly #post: Post;
  readonly #log: Logger;
  readonly #save;
  readonly #insert;
  #run: Run | undefined;
  #closed = false;
  /** Keeps ids of a run that goes on apart from those it made before. */
  readonly #mark = randomBytes(3).toString("hex");

  constructor(db: Db, people: People, accounts: Accounts, post: Post, log: Logger) {
    this.#post = post;
    this.#db = db;
    this.#people = people;
    this.#accounts = accounts;
    this.#log = log;
    this.#insert = db.prepare("INSERT INTO load (spec, sent, ms) VALUES (?, 0, 0)");
    this.#save = db.prepare("UPDATE load SET sent = ?, ms = ? WHERE id = ?");
    type Row = { id: number; spec: string; sent: number; ms: number };
    const row = db.prepare<[], Row>("SELECT * FROM load ORDER BY id DESC LIMIT 1").get();
    if (row === undefined) return;
    const { id, spec, sent, ms } = row;
    const order = loadOrder.parse(JSON.parse(spec));
    const count = (table: string): number =>
      db.prepare<[number], { n: number }>(`SELECT count(*) AS n FROM ${table} load = ?`).get(id)?.n ?? 0;
    const delivered = count("sent WHERE delivered = 1 AND");
    const acked = sent - count("mailbox WHERE");
    this.#run = { id, order, sent, acked, delivered, before: ms, startedAt: undefined, endedAt: undefined };
    if (delivered < order.messages) this.#run.startedAt = performance.now();
  }

  /** Goes on with a run that a restart broke off. */
  resume(): void {
    const run = this.#run;
    if (run === undefined || run.sent >= run.order.messages) return;
    const account = this.#accounts.resolve(run.order.network, run.order.to);
    if (account !== undefined) this.#start(run, account);
  }

  async start(order: LoadOrder): Promise<number> {
    if (this.#run !== undefined && this.#run.sent < this.#run.order.messages) {
      throw new HttpError(409, "running", "A load run has not sent all its messages yet.");
    }
    const account = this.#accounts.resolve(order.network, order.to);
    if (account === undefined)
      throw new HttpError(404, "no-such-user", "Nobody with this visible id is enlisted here.");
    const id = Number(this.#insert.run(JSON.stringify(order)).lastInsertRowid);
    const run = {
      id,
      order,
      sent: 0,
      acked: 0,
      delivered: 0,
      before: 0,
      startedAt: undefined,
      endedAt: undefined,
    };
    this.#run = run;
    this.#start(run, account);
    return id;
  }

  status(): Readonly<Record<string, unknown>> {
    const run = this.#run;
    if (run === undefined) return { sent: 0, acked: 0, delivered: 0, ms: 0, done: true };
    const { id, sent, acked, delivered, order } = run;
    const done = delivered >= order.messages;
    return { id, messages: order.messages, sent, acked, delivered, ms: Math.round(elapsed(run)), done };
  }

  /** One more of its messages was acknowledged by the bridge. Inside a commit. */
  acked(load: number): void {
    if (this.#run?.id === load) this.#run.acked += 1;
  }

  /** One more of its messages was receipted as delivered. Inside a commit. */
  delivered(load: number): void {
    const run = this.#run;
    if (run?.id !== load) return;
    run.delivered += 1;
    if (run.delivered === run.order.messages) run.endedAt = performance.now();
    if (run.delivered % 100 === 0 || run.endedAt !== undefined) this.#keep(run);
  }

  close(): void {
    this.#closed = true;
    if (this.#run !== undefined && this.#db.open) this.#keep(this.#run);
  }

  #keep(run: Run): void {
    this.#save.run(run.sent, Math.round(elapsed(run)), run.id);
  }

  #draft({ id, order }: Run, number: number): Draft {
    const text = order.text ?? `message ${number + 1}`;
    const plaintext = pad(encodeText(order.network, { text }));
    return { id: `LOAD${id}.${this.#mark}-${number + 1}`, plaintext, type: "text" };
  }

  #start(run: Run, account: Account): void {
    this.#play(run, account).catch((cause: unknown) =>
      this.#log.error("a load run broke off", { load: run.id, failure: failureName(cause) }),
    );
  }

  async #crowd({ network, people }: LoadOrder): Promise<readonly Person[]> {
    const there = this.#people.all().filter(({ row }) => row.load && row.network === network && !row.gone);
    while (there.length < people) {
      const name = `Load ${there.length + 1}`;
      const username = network === "messenger" ? `load.${there.length + 1}` : undefined;
      there.push(await this.#people.create({ network, name, username, load: true }));
    }
    return there.slice(0, people);
  }

  /** Round by round everybody writes, each message when it is its turn: nothing is encrypted long before. */
  async #play(run: Run, account: Account): Promise<void> {
    const crowd = await this.#crowd(run.order);
    run.startedAt ??= performance.now();
    while (run.sent < run.order.messages && !this.#closed) {
      const far = this.#post.connected(account.id) ? ahead.here : ahead.away;
      if (run.sent - run.acked > far) await pause(5);
      else await this.#round(run, crowd, account);
    }
  }

  async #round(run: Run, crowd: readonly Person[], account: Account): Promise<void> {
    const { commits, wake } = this.#post;
    const count = Math.min(run.order.messages - run.sent, crowd.length * breath);
    const drafts = crowd.map((): Draft[] => []);
    for (let i = 0; i < count; i += 1) drafts[i % crowd.length]?.push(this.#draft(run, run.sent + i));
    const writing = crowd
      .map((person, i) => ({ person, drafts: drafts[i] ?? [] }))
      .filter((one) => one.drafts.length > 0);
    const hands = await Promise.all(
      writing.map(async ({ person, drafts: own }) => ({
        person,
        sealed: await person.inLane(() => sealAhead(person, account, own)),
      })),
    );
    await commits.commit(() => {
      for (const { person, sealed } of hands) postSealed(person, account, sealed, run.id);
      this.#save.run(run.sent + count, Math.round(elapsed(run)), run.id);
    });
    run.sent += count;
    wake(account.id);
  }
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

function elapsed({ before, startedAt, endedAt }: Run): number {
  return startedAt === undefined ? before : before + (endedAt ?? performance.now()) - startedAt;
}
