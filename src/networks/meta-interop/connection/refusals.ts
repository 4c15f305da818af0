import { BridgeError } from "../../../core/model/errors.ts";
import { errorCode, wholeNumber } from "../wire/attributes.ts";
import type { Node } from "../wire/node.ts";

/** The longest time, in seconds, that a network can make a message wait. */
const LONGEST_WAIT = 3_600;

/** The error for a refused message or look-up (`<ack error>`, `<error code>`), with words for the person. */
export function messageRefused(code: number, network: string, retryAfter: number | undefined): BridgeError {
  switch (code) {
    case 404:
    case 410:
      return refusal("gone", `This person no longer has an account on ${network}.`);
    case 405:
      return refusal(
        "not-reachable",
        `This person cannot be reached: they have not turned on third-party chats on ${network}, or have not chosen this app there. They can do so in ${network}'s settings; then send the message again.`,
      );
    case 413:
      return refusal("too-large", `The message is too long for ${network}. Send it in shorter pieces.`);
    case 429:
      return new BridgeError("remote-refused", {
        words: `${network} asks us to slow down.`,
        certain: true,
        retryAfter: retryAfter ?? 2_000,
      });
    case 470:
      return refusal("unsupported", `${network} does not take this kind of message from other apps.`);
    case 500:
    case 503:
      return new BridgeError("remote-refused", {
        words: `${network} has a problem at the moment.`,
        certain: true,
        retryAfter: 0,
      });
    default:
      return refusal("remote-refused", `${network} did not take the message (error ${code}).`);
  }
}

/** The error in an `<ack>` of a message; undefined where the network has taken the message. */
export function refusalIn({ attrs }: Node, network: string): BridgeError | undefined {
  const code = attrs["error"];
  if (code === undefined) return undefined;
  const seconds = wholeNumber(attrs["retry_after"], LONGEST_WAIT);
  return messageRefused(errorCode(code), network, seconds === undefined ? undefined : seconds * 1_000);
}

/**
 * The error for a message that the contact's phone cannot decrypt and that is not sent again; `why` goes into the
 * sentence.
 */
export function undecryptableThere(why: string): BridgeError {
  return new BridgeError("gone", {
    words: `Your contact's phone could not decrypt it, ${why}. Please write it again.`,
    certain: false,
  });
}

/** The error for a message that left without an `<ack>`: it is sent again under the same id. */
export function unconfirmed(retryAfter: number): BridgeError {
  return new BridgeError("remote-unreachable", {
    words: "The network has not confirmed the message yet.",
    certain: false,
    retryAfter,
  });
}

/** The error for a message that never got an `<ack>`; it is not sent again by itself. */
export function neverConfirmed(network: string, times: number): BridgeError {
  return new BridgeError("remote-refused", {
    words: `${network} did not confirm this message, though it was sent ${times} times while the connection was well. It may have arrived all the same.`,
    certain: false,
  });
}

function refusal(
  reason: "gone" | "not-reachable" | "too-large" | "unsupported" | "remote-refused",
  words: string,
) {
  return new BridgeError(reason, { words, certain: true });
}

/** The error of what needs a connection while there is none; it counts as no try. */
export function notConnected(network: string): BridgeError {
  return new BridgeError("remote-unreachable", {
    words: `${network} is not connected at the moment.`,
    certain: true,
    retryAfter: 0,
  });
}
