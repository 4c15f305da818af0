/** How a send is answered instead of as usual, and the code that stands for it over HTTP. */
export type SendAnswer =
  /** 428: the sender has to prove to be a person; seconds after which to try again. */
  | { readonly kind: "challenge"; readonly retryAfter?: number }
  /** 429; seconds after which to try again, where they are told. */
  | { readonly kind: "rate-limit"; readonly retryAfter?: number }
  /** 503. */
  | { readonly kind: "unavailable" }
  /** A status of gRPC's, by its number. */
  | { readonly kind: "status"; readonly code: number }
  /** 401, to a sealed message. */
  | { readonly kind: "unauthorized" }
  /** 404. */
  | { readonly kind: "unregistered" }
  /** 409, or 410 where devices are stale. */
  | {
      readonly kind: "devices";
      readonly missing?: readonly number[];
      readonly extra?: readonly number[];
      readonly stale?: readonly number[];
    }
  /** It is delivered, and the connection breaks before the answer. */
  | { readonly kind: "lost" }
  /** It waits until {@link Faults.release}, and goes on; `reached` is called when it has come. */
  | { readonly kind: "held"; readonly reached?: () => void };

/** How a send to many is answered. */
export type ManyAnswer =
  | Extract<SendAnswer, { kind: "unauthorized" }>
  /** `to`: whose devices are others. */
  | (Extract<SendAnswer, { kind: "devices" }> & { readonly to: string });

/** An answer of HTTP: to an upgrade, or to a request over a connection or beside one. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

interface Planned<Answer> {
  readonly answer: Answer;
  readonly fits: (path: string) => boolean;
  left: number;
}

/** How often an answer is given, from the next time on; once unless said. */
export interface Times {
  readonly times?: number;
}

/** What goes wrong at the mock server. */
export class Faults {
  readonly #sends: Planned<SendAnswer>[] = [];
  readonly #manySends: Planned<ManyAnswer>[] = [];
  readonly #requests: Planned<HttpAnswer>[] = [];
  readonly #upgrades: Planned<HttpAnswer>[] = [];
  #held = Promise.withResolvers<void>();
  /** Devices' acknowledgements are lost: what they were sent comes again at their next connection. */
  losesAcks = false;

  /** Sends are answered so; `to`: only those to this service id. */
  sends(answer: SendAnswer, { times = 1, to }: Times & { readonly to?: string } = {}): void {
    this.#sends.push({ answer, fits: (target) => to === undefined || to === target, left: times });
  }

  /** Sends to the members of a group at once are answered so. */
  sendsToMany(answer: ManyAnswer, { times = 1 }: Times = {}): void {
    this.#manySends.push({ answer, fits: () => true, left: times });
  }

  /** Requests whose path starts so, or fits, are answered so, whichever way they come. */
  requests(path: string | RegExp, answer: HttpAnswer, { times = 1 }: Times = {}): void {
    const fits = (asked: string) => (typeof path === "string" ? asked.startsWith(path) : path.test(asked));
    this.#requests.push({ answer, fits, left: times });
  }

  /** New connections are answered so; `path`: only those whose path starts so. */
  upgrades(answer: HttpAnswer, { times = 1, path = "" }: Times & { readonly path?: string } = {}): void {
    this.#upgrades.push({ answer, fits: (asked) => asked.startsWith(path), left: times });
  }

  /** Holds the next send; resolves when it has come. */
  async holdsSend(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.sends({ kind: "held", reached: resolve });
    await promise;
  }

  /** Lets the held sends go on. */
  release(): void {
    this.#held.resolve();
    this.#held = Promise.withResolvers<void>();
  }

  /** All is as usual from here on. */
  clear(): void {
    for (const list of [this.#sends, this.#manySends, this.#requests, this.#upgrades]) list.length = 0;
    this.losesAcks = false;
    this.release();
  }

  get released(): Promise<void> {
    return this.#held.promise;
  }

  nextSend(target: string): SendAnswer | undefined {
    return next(this.#sends, target);
  }

  nextToMany(): ManyAnswer | undefined {
    return next(this.#manySends, "");
  }

  nextRequest(path: string): HttpAnswer | undefined {
    return next(this.#requests, path);
  }

  nextUpgrade(path: string): HttpAnswer | undefined {
    return next(this.#upgrades, path);
  }
}

function next<Answer>(list: readonly Planned<Answer>[], path: string): Answer | undefined {
  const planned = list.find(({ fits, left }) => left > 0 && fits(path));
  if (planned !== undefined) planned.left -= 1;
  return planned?.answer;
}
