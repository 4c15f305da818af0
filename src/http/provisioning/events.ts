import { createHash } from "node:crypto";
import { z } from "zod";
import type { CommandScope } from "../../core/command-scope.ts";
import type { UserId } from "../../core/model/ids.ts";
import type { Clock } from "../../core/ports/clock.ts";
import { Refusal } from "./refusal.ts";
import { LONGEST_WAIT, type RawCall, type Route, route } from "./route.ts";
import { loginsOf } from "./whoami.ts";

interface Scope extends Pick<CommandScope, "logins"> {
  readonly clock: Pick<Clock, "now" | "after">;
}

/** Milliseconds from one look to the next, at least. */
const PAUSE = 1_500;
/** How many times longer than a look the pause after it is at least, so that no page takes up much of the bridge. */
const REST = 20;
/** Requests of one person that may wait. */
const MOST_WAITING = 6;

/** Digests by what they are of, as the client has them. */
type Seen = ReadonlyMap<string, string>;

/** What there is to see at some time. */
interface Look {
  /** When it began. */
  readonly at: number;
  /** Milliseconds. */
  readonly took: number;
  readonly seen: Seen;
}

/** A person's requests that wait. */
interface Waiting {
  count: number;
  /** The last look, by what it was at, which all of these requests share. */
  readonly looks: Map<string, { readonly at: number; readonly look: Promise<Look> }>;
}

/**
 * Tells a page that stays open what to ask for again. It looks at what the routes that are `shown` answer, so that
 * nothing that changes is missed, whoever changes it.
 */
export function eventRoutes(shown: readonly Route[], { logins, clock }: Scope): readonly Route[] {
  const waiting = new Map<UserId, Waiting>();
  return [
    route({
      method: "GET",
      path: "/person/v1/events",
      id: "getEvents",
      summary: `Waits until something that a page shows is another than at \`since\`, for ${LONGEST_WAIT / 1_000} seconds at most.`,
      tag: "person",
      unasked: true,
      waits: true,
      query: z.object({
        since: z
          .string()
          .max(1_000)
          .optional()
          .describe("What the answer before called `at`; absent: no wait"),
      }),
      answer: z.object({
        at: z.string().describe("For the next request"),
        changed: z
          .array(z.string())
          .describe(
            "What is to be asked for again, such as networks, contacts, groups, settings, failures or login",
          ),
      }),
      async handle({ caller, networks, query, signal }) {
        const call: RawCall = { caller, networks, params: {}, query: {}, body: undefined, signal };
        const before = seen(query.since ?? "");
        let look = await looked(call);
        const first = news(before, look);
        if (query.since === undefined || first.changed.length > 0) return first;
        const theirs: Waiting = waiting.get(caller.user) ?? { count: 0, looks: new Map() };
        if (theirs.count >= MOST_WAITING) throw crowded();
        theirs.count += 1;
        waiting.set(caller.user, theirs);
        try {
          let left = LONGEST_WAIT;
          while (left > 0 && !signal.aborted) {
            const pause = Math.min(left, Math.max(PAUSE, REST * look.took));
            await passed(pause, signal);
            left -= pause;
            if (signal.aborted) break;
            look = await newer(look, theirs, call);
            const now = news(before, look);
            if (now.changed.length > 0) return now;
          }
          return first;
        } finally {
          theirs.count -= 1;
          if (theirs.count === 0) waiting.delete(caller.user);
        }
      },
    }),
  ];

  async function looked(call: RawCall): Promise<Look> {
    const at = clock.now();
    const now = new Map<string, string>();
    for (const one of shown) now.set(one.shown ?? "", digest(await answers(one, call)));
    return { at, took: clock.now() - at, seen: now };
  }

  function newer(before: Look, { looks }: Waiting, call: RawCall): Promise<Look> {
    const about = call.networks.map(({ id }) => id).join(" ");
    const last = looks.get(about);
    if (last && last.at > before.at) return last.look;
    const own = { at: clock.now(), look: looked(call) };
    looks.set(about, own);
    return own.look;
  }

  /** What a route answers; one that is about a login, for each of the person's. */
  async function answers(one: Route, call: RawCall): Promise<readonly unknown[]> {
    if (one.query === undefined || !("login_id" in one.query.shape)) return [(await one.run(call)).body];
    const { caller, networks } = call;
    const theirs = await loginsOf(caller.user, networks, logins);
    const active = theirs.filter(({ state }) => state === "active");
    return Promise.all(
      active.map(async ({ id }) => (await one.run({ ...call, query: { login_id: id } })).body),
    );
  }

  async function passed(pause: number, signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const cancel = clock.after(pause, resolve);
    const end = (): void => resolve();
    signal.addEventListener("abort", end, { once: true });
    await promise;
    signal.removeEventListener("abort", end);
    cancel();
  }
}

const news = (before: Seen, { seen: now }: Look) => ({
  at: Array.from(now, ([name, value]) => `${name}-${value}`).join("."),
  changed: Array.from(now.keys()).filter((name) => before.get(name) !== now.get(name)),
});

const digest = (value: unknown): string =>
  createHash("sha256").update(JSON.stringify(value)).digest("base64url").slice(0, 12);

function seen(text: string): Seen {
  return new Map(
    text.split(".").map((part) => [part.slice(0, part.indexOf("-")), part.slice(part.indexOf("-") + 1)]),
  );
}

const crowded = (): Refusal =>
  new Refusal({
    status: 429,
    errcode: "M_LIMIT_EXCEEDED",
    words: "Too many pages of yours wait here already. Close some.",
    retryAfter: 5_000,
  });
