import { BridgeError } from "../../../core/model/errors.ts";
import { messageRefused } from "../connection/refusals.ts";

/** The error for a refused request about a group (`<error code>`), with words for the person; `size`: see {@link full}. */
export function groupRefused(code: number, network: string, size?: number): BridgeError {
  switch (code) {
    case 401:
      return refused("forbidden", "Only an admin of this group can do that. Ask one of them.");
    case 403:
      return notInGroup(network);
    case 404:
    case 410:
      return refused("gone", `${network} knows no such group any more.`);
    case 405:
      return refused("not-reachable", closedWords(network));
    case 406:
      return refused("remote-refused", `${network} does not take that for a group: it may be too long.`);
    case 419:
      return full(network, size);
    default:
      return messageRefused(code, network, undefined);
  }
}

/** The error in an `<ack>` of a message to a group. */
export function groupMessageRefused(
  code: number,
  network: string,
  retryAfter: number | undefined,
): BridgeError {
  if (code === 401) return refused("forbidden", "Only admins can write in this group.");
  return code === 403 || code === 404 || code === 405 || code === 410
    ? groupRefused(code, network)
    : messageRefused(code, network, retryAfter);
}

/** The error for one person whom a change of members did not take; `name` is what they are called here. */
export function memberRefused(code: number, name: string, network: string, size?: number): BridgeError {
  switch (code) {
    case 401:
      return groupRefused(401, network);
    case 403:
      return refused("forbidden", `${name} does not let you add them to groups on ${network}.`);
    case 404:
      return refused("gone", `${network} knows no ${name} there.`);
    case 405:
      return refused(
        "not-reachable",
        `${name} cannot be added: they have not turned on third-party chats on ${network}, or have not chosen this app there. They can do so in ${network}'s settings; then add them again.`,
      );
    case 409:
      return refused(
        "remote-refused",
        `${name} cannot be in this group: it has people of one other app only, and theirs is another.`,
      );
    case 419:
      return full(network, size);
    default:
      return messageRefused(code, network, undefined);
  }
}

/** The error for a group that has as many members as it may; `size`: how many that is, where the network says. */
function full(network: string, size: number | undefined): BridgeError {
  const most = size === undefined ? "" : ` ${network} takes ${members(size)} in one.`;
  return refused("remote-refused", `This group is full: nobody more can be added.${most}`);
}

/** The error for a new group with more people than one may have. */
export function tooMany(people: number, size: number, network: string): BridgeError {
  const words = `${network} takes ${members(size)} in one group, and with you this would have ${number.format(people)}. No group was made; begin it with fewer people.`;
  return refused("too-large", words);
}

const number = new Intl.NumberFormat("en");
const members = (count: number): string => `${number.format(count)} members`;

export const notInGroup = (network: string): BridgeError =>
  refused("gone", `You are not in this group on ${network}. Ask one of its admins to add you.`);

/** The error for a group that cannot be read. */
export const unreadable = (network: string): BridgeError =>
  refused(
    "too-large",
    `Somebody wrote in a ${network} group that has more people than this bridge can show, or that it cannot read. What is new in it may be missing here; read it in ${network}.`,
  );

/** Why nothing can be written in groups while the network does not grant them. */
export const closedWords = (network: string): string =>
  `${network} does not let other apps take part in groups at the moment. Direct chats work as before.`;

function refused(
  reason: "forbidden" | "gone" | "not-reachable" | "remote-refused" | "too-large",
  words: string,
): BridgeError {
  return new BridgeError(reason, { words, certain: true });
}
