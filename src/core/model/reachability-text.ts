import type { Reachability } from "./events.ts";
import type { PersonId } from "./ids.ts";

/**
 * Why a member does not get what our person writes in a group. `other-app`: they belong to another app that the network
 * lets in, as we do. `keys`: the network has none by which something could be encrypted for them. `refused`: it takes
 * nothing for them.
 */
export type UnreachedReason = Exclude<Reachability, "reachable"> | "other-app" | "keys" | "refused";

export interface UnreachedMember {
  readonly person: PersonId;
  readonly why: UnreachedReason;
  /** What the network says of it, a sentence, where it says more. */
  readonly says?: string;
}

/** What a person reads about a contact's reachability, and what can be done about it. */
export function reachabilityWords(state: Reachability, contact: string, network: string): string {
  switch (state) {
    case "reachable":
      return `${contact} can be reached on ${network}.`;
    case "off":
      return `${contact} cannot be reached: third-party chats are turned off in their ${network}. They can turn them on under Settings, Account, Third-party chats.`;
    case "app":
      return `${contact} cannot be reached: they have third-party chats on in ${network}, but have not chosen this service among their apps. They can choose it under Settings, Account, Third-party chats.`;
    case "unknown":
      return `${contact} cannot be reached on ${network} from here. They may not have turned on third-party chats.`;
    case "blocked":
      return `${contact} has blocked you on ${network}. Messages will not arrive.`;
    case "gone":
      return `${contact} is no longer on ${network}. Messages will not arrive.`;
  }
}
