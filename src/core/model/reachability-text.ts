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

/** What people of a network turn on before they can be written with from outside its own app. */
export interface OptIn {
  /** In the plural, as it follows “turned on”: `third-party chats`. */
  readonly what: string;
  /** Where they find it: `Settings, Account, Third-party chats`. */
  readonly where: string;
}

/** A network as words about its people need it. */
interface NamedNetwork {
  readonly name: string;
  readonly optIn?: OptIn;
}

/** What a person reads about a contact's reachability, and what can be done about it. */
export function reachabilityWords(state: Reachability, contact: string, network: NamedNetwork): string {
  const { name, optIn } = network;
  const notHere = `${contact} cannot be reached on ${name} from here.`;
  switch (state) {
    case "reachable":
      return `${contact} can be reached on ${name}.`;
    case "blocked":
      return `${contact} has blocked you on ${name}. Messages will not arrive.`;
    case "gone":
      return `${contact} is no longer on ${name}. Messages will not arrive.`;
    case "off":
      if (!optIn) return notHere;
      return `${contact} cannot be reached: ${optIn.what} are turned off in their ${name}. They can turn them on under ${optIn.where}.`;
    case "app":
      if (!optIn) return notHere;
      return `${contact} cannot be reached: they have ${optIn.what} on in ${name}, but have not chosen this service among their apps. They can choose it under ${optIn.where}.`;
    case "unknown":
      return optIn ? `${notHere} They may not have turned on ${optIn.what}.` : notHere;
  }
}

/** Why somebody does not get what `whom` writes in a group, as it follows “does not reach Bram:”. */
export function unreachedWords(why: UnreachedReason, whom: string, network: NamedNetwork): string {
  const { name, optIn } = network;
  const notHere = `${name} does not let them be reached from here`;
  switch (why) {
    case "blocked":
      return `they have blocked ${whom} on ${name}`;
    case "gone":
      return `they are no longer on ${name}`;
    case "other-app":
      return `they use another app, and ${name} lets nothing pass from one such app to another`;
    case "keys":
      return `${name} has no usable keys of theirs until they open ${name} again`;
    case "refused":
      return `${name} does not take it for them, and does not say why`;
    case "off":
      if (!optIn) return notHere;
      return `${optIn.what} are turned off in their ${name}, which they can turn on under ${optIn.where}`;
    case "app":
      if (!optIn) return notHere;
      return `they have not chosen this service among their apps in ${name}, which they can do under ${optIn.where}`;
    case "unknown":
      return optIn ? `${name} does not know them, or they have not turned on ${optIn.what}` : notHere;
  }
}
