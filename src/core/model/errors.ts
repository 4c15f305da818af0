export type Reason =
  | "unsupported"
  | "too-large"
  | "not-logged-in"
  | "not-reachable"
  | "not-found"
  | "forbidden"
  | "gone"
  | "bad-input"
  | "remote-refused"
  | "remote-unreachable"
  | "homeserver-unreachable"
  /** The homeserver answers other requests and fails on this one; a repeat may never help. */
  | "homeserver-fault"
  /** A transfer that stopped or was too slow. */
  | "too-slow"
  /** The chat has no usable room, and none is made before its person or administrator acts. */
  | "no-room"
  /** Nothing can be stored at the moment. */
  | "storage"
  /** This cannot be stored, while other data can. */
  | "unstorable"
  /** What a record was made for has changed meanwhile. */
  | "changed"
  /** The bridge stops; the next start goes on. */
  | "stopping"
  /** An encrypted event that cannot be read, or is not believed. */
  | "unreadable"
  | "internal";

interface Details {
  /** The words for the person: what happened, and what to do next. */
  readonly words: string;
  /** Whether it is certain that nothing crossed. If not, only the same ids may be tried again. */
  readonly certain: boolean;
  /** Present where trying again may help: milliseconds to wait, 0 to leave it to the lane's back-off. */
  readonly retryAfter?: number;
  readonly cause?: unknown;
}

/** Reasons outside the bridge, which any message would have met. */
const OUTAGES: ReadonlySet<Reason> = new Set([
  "homeserver-unreachable",
  "remote-unreachable",
  "no-room",
  "stopping",
]);

/** The longest `retryAfter` in milliseconds; a longer one is cut to it. */
const LONGEST_WAIT = 86_400_000;

/** The one error of the bridge. Adapters turn their library's errors into it at the edge. */
export class BridgeError extends Error {
  readonly reason: Reason;
  readonly words: string;
  readonly certain: boolean;
  readonly retryAfter: number | undefined;

  constructor(reason: Reason, { words, certain, retryAfter, cause }: Details) {
    super(`${reason}: ${words}`, { cause });
    this.name = "BridgeError";
    this.reason = reason;
    this.words = words;
    this.certain = certain;
    this.retryAfter =
      retryAfter === undefined ? undefined : Math.min(LONGEST_WAIT, Math.max(0, retryAfter || 0));
  }

  /** Whether no message is to blame: the end of the outage is awaited, and no try is counted. */
  get outage(): boolean {
    return this.reason === "storage" || (this.retryAfter !== undefined && OUTAGES.has(this.reason));
  }

  /** Whether none of our users may look into the room: the bot made the rooms, so one that shuts it out was deleted. */
  get shut(): boolean {
    return this.reason === "forbidden" || this.reason === "not-found";
  }

  /** Any error as a BridgeError; one that is not is a fault of ours, and says so. */
  static from(error: unknown): BridgeError {
    if (error instanceof BridgeError) return error;
    return new BridgeError("internal", {
      words:
        "Something went wrong inside the bridge. Please try again; if that fails too, tell your administrator, who finds the details in the bridge's log.",
      certain: false,
      cause: error,
    });
  }
}

/** The error of work that the bridge's stop ends: it counts as no try, and the next start takes it up. */
export function stopping(): BridgeError {
  return new BridgeError("stopping", {
    words: "The bridge is being stopped. It goes on when it is started again.",
    certain: false,
    retryAfter: 0,
  });
}
