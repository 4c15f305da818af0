import { randomBytes } from "node:crypto";
import { z } from "zod";
import { pad } from "../../../networks/meta-interop/wire/padding.ts";
import { encodeText } from "../../../networks/meta-interop/wire/plaintext.ts";
import { networkNames } from "../../config.ts";
import type { Groups } from "../../groups/groups.ts";
import { HttpError } from "../../http/http-error.ts";
import { failureName, type Logger } from "../../logger.ts";
import type { People } from "../../phone/people.ts";
import type { Person } from "../../phone/person.ts";
import type { PersonParts } from "../../phone/person-parts.ts";
import type { Draft } from "../../phone/person-send.ts";
import type { Db } from "../../state/database.ts";
import { type LoadTarget, loadTarget } from "./load-target.ts";

/** Without `text` each person numbers their messages, so that a reader can check the order. */
export const loadRequest = z.strictObject({
  network: z.enum(networkNames),
  people: z.int().min(1).max(500),
  messages: z.int().min(1).max(1_000_000),
  to: z.string().min(1),
  text: z.string().min(1).max(65_536).optional(),
});
export type LoadRequest = z.infer<typeof loadRequest>;

interface LoadRun {
  readonly id: number;
  readonly request: LoadRequest;
  sent: number;
  acked: number;
  delivered: number;
  /** Milliseconds that the run took in earlier processes. */
  readonly before: number;
  /** When this process went on with the run, and when the last message was delivered (`performance.now()`). */
  startedAt: number | undefined;
  endedAt: number | undefined;
}

/** The most messages a person writes in one round. */
const messagesPerRound = 10;
/** How many messages may wait for the bridge's acknowledgement, while it is connected and while it is not. */
const mostUnacked = { connected: 2000, offline: 20_000 };

interface LoadDelivery extends Pick<PersonParts, "commits"> {
  readonly connected: (account: number) => boolean;
}

/** Has many people write to one user, or in one group, as fast as the connection takes it. A run goes on after a restart. */
export class LoadGenerator {
  readonly #db: Db;
  readonly #people: People;
  readonly #groups: Groups;
  readonly #delivery: LoadDelivery;
  readonly #log: Logger;
  readonly #save;
  readonly #insert;
  #run: LoadRun | undefined;
  #closed = false;
  /** Of this process, so that a run that goes on after a restart repeats no message id. */
  readonly #idPrefix = randomBytes(3).toString("hex");

  constructor(db: Db, groups: Groups, delivery: LoadDelivery, log: Logger) {
    this.#delivery = delivery;
    this.#db = db;
    this.#people = groups.people;
    this.#groups = groups;
    this.#log = log;
    this.#insert = db.prepare("INSERT INTO load (spec, sent, ms) VALUES (?, 0, 0)");
    this.#save = db.prepare("UPDATE load SET sent = ?, ms = ? WHERE id = ?");
    type Row = { id: number; spec: string; sent: number; ms: number };
    const row = db.prepare<[], Row>("SELECT * FROM load ORDER BY id DESC LIMIT 1").get();
    if (row === undefined) return;
    const { id, spec, sent, ms } = row;
    const request = loadRequest.parse(JSON.parse(spec));
    const count = (table: string): number =>
      db.prepare<[number], { n: number }>(`SELECT count(*) AS n FROM ${table} load = ?`).get(id)?.n ?? 0;
    const delivered = count("sent WHERE delivered = 1 AND");
    const acked = sent - count("mailbox WHERE");
    this.#run = { id, request, sent, acked, delivered, before: ms, startedAt: undefined, endedAt: undefined };
    if (delivered < request.messages) this.#run.startedAt = performance.now();
  }

  /** Goes on with the run that a restart interrupted. */
  resume(): void {
    const run = this.#run;
    if (run === undefined || run.sent >= run.request.messages) return;
    const { network, to } = run.request;
    try {
      this.#start(run, loadTarget(this.#groups, network, to));
    } catch (cause) {
      this.#log.info("a load run has nobody to write to", { load: run.id, failure: failureName(cause) });
    }
  }

  async start(request: LoadRequest): Promise<number> {
    if (this.#run !== undefined && this.#run.sent < this.#run.request.messages) {
      throw new HttpError(409, "running", "A load run has not sent all its messages yet.");
    }
    const target = loadTarget(this.#groups, request.network, request.to);
    const id = Number(this.#insert.run(JSON.stringify(request)).lastInsertRowid);
    const run = {
      id,
      request,
      sent: 0,
      acked: 0,
      delivered: 0,
      before: 0,
      startedAt: undefined,
      endedAt: undefined,
    };
    this.#run = run;
    this.#start(run, target);
    return id;
  }

  status(): Readonly<Record<string, unknown>> {
    const run = this.#run;
    if (run === undefined) return { sent: 0, acked: 0, delivered: 0, ms: 0, done: true };
    const { id, sent, acked, delivered, request } = run;
    const done = delivered >= request.messages;
    return { id, messages: request.messages, sent, acked, delivered, ms: Math.round(elapsed(run)), done };
  }

  /** Counts a message of this run that the bridge acknowledged. Inside a commit. */
  acked(load: number): void {
    if (this.#run?.id === load) this.#run.acked += 1;
  }

  /** Counts a message of this run for which the bridge sent a delivery receipt. Inside a commit. */
  delivered(load: number): void {
    const run = this.#run;
    if (run?.id !== load) return;
    run.delivered += 1;
    if (run.delivered === run.request.messages) run.endedAt = performance.now();
    if (run.delivered % 100 === 0 || run.endedAt !== undefined) this.#saveProgress(run);
  }

  close(): void {
    this.#closed = true;
    if (this.#run !== undefined && this.#db.open) this.#saveProgress(this.#run);
  }

  #saveProgress(run: LoadRun): void {
    this.#save.run(run.sent, Math.round(elapsed(run)), run.id);
  }

  #draft({ id, request }: LoadRun, number: number): Draft {
    const text = request.text ?? `message ${number + 1}`;
    const plaintext = pad(encodeText(request.network, { text }));
    return { id: `LOAD${id}.${this.#idPrefix}-${number + 1}`, plaintext, type: "text" };
  }

  #start(run: LoadRun, target: LoadTarget): void {
    this.#execute(run, target).catch((cause: unknown) =>
      this.#log.error("a load run broke off", { load: run.id, failure: failureName(cause) }),
    );
  }

  async #loadPeople({ network, people }: LoadRequest): Promise<readonly Person[]> {
    const there = this.#people.all().filter(({ row }) => row.load && row.network === network && !row.gone);
    while (there.length < people) {
      const name = `Load ${there.length + 1}`;
      const username = network === "messenger" ? `load.${there.length + 1}` : undefined;
      there.push(await this.#people.create({ network, name, username, load: true }));
    }
    return there.slice(0, people);
  }

  /** Everybody writes in rounds, so that no message is encrypted long before it is sent. */
  async #execute(run: LoadRun, target: LoadTarget): Promise<void> {
    const loadPeople = await this.#loadPeople(run.request);
    await target.prepare(loadPeople);
    run.startedAt ??= performance.now();
    while (run.sent < run.request.messages && !this.#closed) {
      const most = this.#delivery.connected(target.account.id) ? mostUnacked.connected : mostUnacked.offline;
      if (run.sent - run.acked > most) await pause(5);
      else await this.#round(run, loadPeople, target);
    }
  }

  async #round(run: LoadRun, loadPeople: readonly Person[], target: LoadTarget): Promise<void> {
    const { commits } = this.#delivery;
    const count = Math.min(run.request.messages - run.sent, loadPeople.length * messagesPerRound);
    const drafts = loadPeople.map((): Draft[] => []);
    for (let i = 0; i < count; i += 1) drafts[i % loadPeople.length]?.push(this.#draft(run, run.sent + i));
    const writing = loadPeople
      .map((person, i) => ({ person, drafts: drafts[i] ?? [] }))
      .filter((one) => one.drafts.length > 0);
    const sealed = await Promise.all(
      writing.map(({ person, drafts: own }) => person.inLane(() => target.seal(person, own, run.id))),
    );
    await commits.commit(() => {
      for (const { post } of sealed) post();
      this.#save.run(run.sent + count, Math.round(elapsed(run)), run.id);
    });
    run.sent += count;
    target.wake();
  }
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

function elapsed({ before, startedAt, endedAt }: LoadRun): number {
  return startedAt === undefined ? before : before + (endedAt ?? performance.now()) - startedAt;
}
