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
  /** It answers other requests and fails on this one: repeating may never help. */
  | "homeserver-fault"
  /** A transfer that stood still or dripped. */
  | "too-slow"
  /** The chat has no room it can use, and none is made before its person or its administrator did something. */
  | "no-room"
  /** Nothing can be stored at the moment. */
  | "storage"
  /** Others can be stored, and this cannot. */
  | "unstorable"
  /** What it was made for was changed by somebody else meanwhile. */
  | "changed"
  /** The bridge itself ends; the next start goes on. */
  | "stopping"
  | "internal";

interface Details {
  /** What the person reads: plain words, and what to do next. */
  readonly words: string;
  /** Whether it is certain that nothing crossed. Where it is not, only the same ids may be tried again. */
  readonly certain: boolean;
  /** Present where trying again may help: milliseconds to wait, 0 to leave it to the lane's back-off. */
  readonly retryAfter?: number;
  readonly cause?: unknown;
}

/** Reasons that lie in what is around the bridge, so that any message would have met them. */
const OUTAGES: ReadonlySet<Reason> = new Set([
  "homeserver-unreachable",
  "remote-unreachable",
  "no-room",
  "stopping",
]);

/** Milliseconds; whoever asks for more is asked again after that. */
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

  /** Whether no message is to blame: it is waited for the end of it, and no try is counted. */
  get outage(): boolean {
    return this.reason === "storage" || (this.retryAfter !== undefined && OUTAGES.has(this.reason));
  }

  /** Whether nobody of ours may even look there: the bot made the rooms, so one it is shut out of was deleted. */
  get shut(): boolean {
    return this.reason === "forbidden" || this.reason === "not-found";
  }

  /** Any failure as a BridgeError; what is not one is a fault of ours, and says so. */
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

/** What is under way when the bridge stops ends with this: nobody's try, and taken up at the next start. */
export function stopping(): BridgeError {
  return new BridgeError("stopping", {
    words: "The bridge is being stopped. It goes on when it is started again.",
    certain: false,
    retryAfter: 0,
  });
}
