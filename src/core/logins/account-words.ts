import type { Network } from "../ports/network.ts";

/** Words for what an account is at a network: known by this bridge alone, or one that has this bridge as a device. */

type Kind = Pick<Network, "ownApp">;

/** As whom contacts know the person, to follow other words. */
export const knownAs = ({ ownApp }: Kind, visibleId: string): string =>
  ownApp ? `this bridge is a device of your account ${visibleId}` : `your contacts see you as ${visibleId}`;

/** The same as a sentence. */
export const knownAsSentence = (network: Kind, visibleId: string): string => {
  const words = knownAs(network, visibleId);
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}.`;
};

/** What turning an account off deletes. */
export const goesWords = ({ ownApp, name }: Kind & Pick<Network, "name">): string =>
  ownApp
    ? `This bridge is removed from the linked devices of your ${name} account, which stays as it is. The bridge's keys and what waits to be sent are deleted.`
    : "Your registration there, its keys and what waits to be sent are deleted.";

/** That it was deleted. */
export const goneWords = ({ ownApp, name }: Kind & Pick<Network, "name">): string =>
  ownApp
    ? `this bridge is none of the linked devices of your ${name} account any more, and its keys and waiting messages are deleted.`
    : "your registration there, its keys and its waiting messages are deleted.";

/** What the network has yet to confirm. */
export const unconfirmedWords = ({ ownApp }: Kind): string =>
  ownApp
    ? "did not confirm that this bridge is no linked device any more"
    : "did not confirm that it deleted your registration";
