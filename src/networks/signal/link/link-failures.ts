import { durationWords } from "../../../core/model/duration-words.ts";
import { BridgeError } from "../../../core/model/errors.ts";
import { serviceFailure } from "../service/service-errors.ts";
import { WireError } from "../wire/errors.ts";

/** What the server says of the account when a device is registered; its own numbers. */
const STATUS_WORDS: ReadonlyMap<number, string> = new Map([
  [
    403,
    "The code that your phone scanned was no longer valid. Begin again, and scan the newest code that is shown.",
  ],
  [
    409,
    "This bridge is too old for your Signal: your account uses something that this bridge does not know yet. Nothing was linked. Whoever runs the bridge should update it first.",
  ],
  [
    411,
    "Your Signal account has as many linked devices as it may have. On your phone, open Settings > Linked devices and remove one that you no longer use.",
  ],
]);

/** Any failure of a link in words for the person; how to begin again is said behind them, as where they are asks for. */
export function linkFailure(error: unknown): BridgeError {
  if (error instanceof BridgeError) return error;
  if (error instanceof WireError) return refused(UNREADABLE, error);
  const failure = serviceFailure(error);
  switch (failure.kind) {
    case "rate-limited":
    case "challenge": {
      const wait = failure.wait === undefined ? "an hour or so" : durationWords(failure.wait / 1_000);
      const words = `Signal says that too many devices were linked in a short time. Nothing was linked. Wait ${wait} first.`;
      return refused(words, error);
    }
    case "too-old":
      return refused(
        "Signal no longer serves this version of the bridge. Whoever runs it should update it first.",
        error,
      );
    case "not-found":
    case "unauthorized":
      return refused(refusalWords(failure.kind === "not-found" ? 404 : 401), error);
    case "refused":
      return failure.status < 500
        ? refused(STATUS_WORDS.get(failure.status) ?? refusalWords(failure.status), error)
        : unreachable("", error);
    case "unlinked":
    case "connected-elsewhere":
    case "invalidated":
    case "unreachable":
      return unreachable(
        " If your phone lists the bridge under Settings > Linked devices already, remove it there first.",
        error,
      );
  }
}

const UNREADABLE =
  "Your phone sent something that this bridge cannot read. Nothing was linked. Update Signal on your phone; if that does not help, tell whoever runs this bridge.";

const refusalWords = (status: number): string =>
  `Signal did not take this bridge as a device (error ${status}). If it does not the next time either, tell whoever runs this bridge.`;

const refused = (words: string, cause: unknown): BridgeError =>
  new BridgeError("remote-refused", { words, certain: false, cause });

const unreachable = (more: string, cause: unknown): BridgeError =>
  new BridgeError("remote-unreachable", {
    words: `Signal cannot be reached at the moment. Wait a few minutes first.${more}`,
    certain: false,
    cause,
  });
