import { Refusal } from "./refusal.ts";

/** The provisioning API beside the page, wherever a proxy serves both. */
const base = new URL("../_matrix/provision", location.href.split("#")[0]).href;

/** Milliseconds after which an answer that does not come counts as none. */
const PATIENCE = 70_000;

interface Description {
  readonly paths: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

type Method = "GET" | "POST" | "PUT" | "DELETE";

/** Asks the provisioning API in a person's name. */
export class Api {
  readonly #token: string;
  readonly #onOver: () => void;
  /** Requests under way that must come one after the other, by what they are about. */
  readonly #turns = new Map<string, Promise<unknown>>();
  #offered = new Set<string>();

  /** @param onOver called when the token is good no more. */
  constructor(token: string, onOver: () => void) {
    this.#token = token;
    this.#onOver = onOver;
  }

  /** Learns what this bridge offers. */
  async learn(): Promise<void> {
    const { paths } = await this.ask<Description>("GET", "/openapi.json");
    this.#offered = new Set(
      Object.entries(paths).flatMap(([path, methods]) =>
        Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
      ),
    );
  }

  /** Whether there is such a route: its method and its path as the description has it. */
  offers(route: string): boolean {
    return this.#offered.has(route);
  }

  /** Has something done that may take longer than a request may, and waits for what comes of it. Throws Refusal. */
  async carriedOut<T extends { readonly done: boolean }>(path: string): Promise<T> {
    let answer = await this.ask<T>("POST", path);
    while (!answer.done) answer = await this.ask<T>("GET", path);
    return answer;
  }

  /** Throws Refusal. @param end gives the request up. */
  async ask<T>(method: Method, path: string, body?: unknown, end?: AbortSignal): Promise<T> {
    const response = await fetch(base + path, {
      method,
      headers: {
        authorization: `Bearer ${this.#token}`,
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      cache: "no-store",
      credentials: "omit",
      signal: AbortSignal.any([AbortSignal.timeout(PATIENCE), ...(end === undefined ? [] : [end])]),
    }).catch((cause: unknown) => Promise.reject(Refusal.from(cause)));
    const answer = (await response.json().catch(() => ({}))) as T & { errcode?: string; error?: string };
    if (response.ok) return answer;
    const { status } = response;
    if (status === 401) this.#onOver();
    // A proxy answers so when there is nobody behind it.
    if (answer.errcode === undefined && status >= 500) throw new Refusal(0, "", "");
    throw new Refusal(status, answer.errcode ?? "", answer.error ?? "");
  }

  /** The same, after what was asked before about the same path. */
  inTurn<T>(method: Method, path: string, body?: unknown): Promise<T> {
    const turn = (this.#turns.get(path) ?? Promise.resolve())
      .catch(() => undefined)
      .then(() => this.ask<T>(method, path, body));
    this.#turns.set(path, turn);
    return turn;
  }
}

/** A path with its parts; a query's absent values are left out. */
export function path(
  parts: readonly string[],
  query: Readonly<Record<string, string | undefined>> = {},
): string {
  const given = Object.entries(query).filter((entry): entry is [string, string] => entry[1] !== undefined);
  const search = new URLSearchParams(given).toString();
  return `/${parts.map(encodeURIComponent).join("/")}${search === "" ? "" : `?${search}`}`;
}
