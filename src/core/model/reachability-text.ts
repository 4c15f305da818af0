import type { Reachability } from "./events.ts";

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
