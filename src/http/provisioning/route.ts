import type { z } from "zod";
import type { UserId } from "../../core/model/ids.ts";
import type { Network } from "../../core/ports/network.ts";
import { invalid } from "./refusal.ts";

/**
 * Milliseconds a client is let wait for an answer; a homeserver that passes requests on waits 30 seconds, and many proxies
 * not much longer.
 */
export const LONGEST_WAIT = 25_000;

/** Who asks, once that is known. */
export interface Caller {
  readonly user: UserId;
  readonly isAdmin: boolean;
  /** The token, where it is a session's of the settings page. */
  readonly session?: string;
}

interface Call<Params, Query, Body> {
  readonly caller: Caller;
  /** Those the address is about: one, or all. */
  readonly networks: readonly Network[];
  readonly params: Params;
  readonly query: Query;
  readonly body: Body;
  /** Aborts when the listener ends, and when who asks has gone. */
  readonly signal: AbortSignal;
}

/** A call whose parts nobody has looked at. */
export type RawCall = Call<unknown, unknown, unknown>;

interface RouteShape<Params, Query, Body, Answer> {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  /** Behind `/_matrix/provision`; `{name}` stands for one part. */
  readonly path: string;
  /** The description's operationId. */
  readonly id: string;
  readonly summary: string;
  /** `v3` is mautrix's; what is beside it is this bridge's own. */
  readonly tag: "v3" | "person" | "administration";
  /** The key of a link to the settings page names its person here, and is used up. */
  readonly opens?: true;
  /** Asked by a page of itself: it is no sign that its person is there. */
  readonly unasked?: true;
  /** Its answer may come late: whoever signed out, or may not use the bridge any more, by then is given none. */
  readonly waits?: true;
  /** What a page shows of its answer: events tell by this word that it is another. */
  readonly shown?: string;
  readonly params?: Params;
  readonly query?: Query;
  /** Absent: the body is not looked at. */
  readonly body?: Body;
  readonly answer: Answer;
  /** The status of its answer beside 200. */
  readonly also?: 201;
  /** Further statuses it refuses with, beside those that every route may. */
  readonly refuses?: readonly number[];
}

/** What a route says of itself, which is what the description is made of. */
export type Described = RouteShape<z.ZodObject, z.ZodObject, z.ZodType, z.ZodType>;

export interface Route extends Described {
  run(call: RawCall): Promise<Answered>;
}

export interface Answered {
  readonly status: number;
  readonly body: unknown;
}

/** The answer of a route that made something. */
export class Created<Body> {
  readonly body: Body;
  constructor(body: Body) {
    this.body = body;
  }
}

/** An answer that is JSON already. */
export class Written {
  readonly bytes: Uint8Array;
  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }
}

type Out<Schema> = Schema extends z.ZodType ? z.output<Schema> : undefined;

/** A route whose handler is given only what its schemas took. */
export function route<
  Answer extends z.ZodType,
  Params extends z.ZodObject | undefined = undefined,
  Query extends z.ZodObject | undefined = undefined,
  Body extends z.ZodType | undefined = undefined,
>(
  shape: RouteShape<Params, Query, Body, Answer> & {
    readonly handle: (
      call: Call<Out<Params>, Out<Query>, Out<Body>>,
    ) => Promise<z.input<Answer> | Created<z.input<Answer>> | Written>;
  },
): Route {
  const { handle, params, query, body, ...rest } = shape;
  const described = {
    ...rest,
    ...(params === undefined ? {} : { params }),
    ...(query === undefined ? {} : { query }),
    ...(body === undefined ? {} : { body }),
  };
  return {
    ...described,
    async run(call) {
      const answer = await handle({
        ...call,
        params: taken(params, call.params, "the address") as Out<Params>,
        query: taken(query, call.query, "the query") as Out<Query>,
        body: taken(body, call.body, "the body") as Out<Body>,
      });
      return answer instanceof Created ? { status: 201, body: answer.body } : { status: 200, body: answer };
    },
  };
}

function taken(schema: z.ZodType | undefined, value: unknown, where: string): unknown {
  if (schema === undefined) return undefined;
  const read = schema.safeParse(value);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  const at = issue === undefined || issue.path.length === 0 ? "" : ` at ${issue.path.join(".")}`;
  throw invalid(`Something in ${where} is not as it should be${at}: ${issue?.message ?? "it is not valid"}.`);
}
