import { BridgeError } from "../../../../core/model/errors.ts";
import { ServiceRefusal } from "../../service/json-requests.ts";
import { requestFailure } from "../../service/send-failures.ts";
import type { StorageAnswer } from "../../service/storage-host.ts";

/** For certain, and for good. */
export const refused = (words: string): BridgeError =>
  new BridgeError("remote-refused", { words, certain: true });

/** Why the server of groups did not take what our person asked for. */
export function groupRefusal({ status, headers }: Pick<StorageAnswer, "status" | "headers">): BridgeError {
  const seconds = Number(headers["retry-after"]);
  const wait = Number.isFinite(seconds) ? seconds * 1_000 : 0;
  switch (status) {
    case 400:
      return refused("Signal does not take this change.");
    case 403:
      return refused(
        "Signal does not let you change this group: only its admins may, or you are not in it any more.",
      );
    case 404:
      return refused("This group is there no more.");
    // As of a message: how long to wait, or that the bridge is too old.
    case 413:
    case 429:
    case 499:
      return requestFailure(new ServiceRefusal(status, wait, undefined));
    default:
      return new BridgeError("remote-unreachable", {
        words: `Signal's server of groups does not take this at the moment (error ${status}).`,
        certain: false,
        retryAfter: wait,
      });
  }
}
