import { cleanName } from "../model/names.ts";
import type { Network } from "../ports/network.ts";
import type { Ghost, GroupPortal, Portal } from "../ports/rows.ts";
import type { Store } from "../ports/store.ts";
import type { Avatars } from "./avatars.ts";
import type { ContactNames } from "./contact-names.ts";
import type { Ghosts } from "./ghosts.ts";

/** A chat's name and picture: its contact's, or the group's. */
export interface ChatProfile {
  /** Whom the chat is with, in the bot's words. */
  readonly name: string;
  /** Its name on the network, cleaned. */
  readonly title: string;
  /** The room's name. */
  readonly shown: string;
  /** The ghost of a direct chat's contact. */
  readonly contact: Ghost | undefined;
  /** `mxc://` of the picture that a new room has; undefined where it has none. */
  avatar(): Promise<string | undefined>;
}

const UNNAMED_GROUP = "Group";
/** The chat with oneself. */
export const NOTE_TO_SELF = "Note to self";
const YOURSELF = "yourself";

/** Whom a chat is with, in the bot's words, as the store has it. */
export async function nameOf(
  { ghosts }: Pick<Store, "ghosts">,
  portal: Portal,
  unknown = "this contact",
): Promise<string> {
  if (portal.kind === "group") return groupWords(cleanName(portal.name, ""));
  if (portal.self) return YOURSELF;
  return (await ghosts.byPerson(portal.network, portal.person))?.name ?? unknown;
}

/** A group's name in commands and in its room. */
export const groupTitle = ({ name }: GroupPortal): string => cleanName(name, UNNAMED_GROUP);

const groupWords = (name: string): string => (name === "" ? "a group without a name" : `the group “${name}”`);

interface ChatProfilesParts {
  readonly ghosts: Pick<Ghosts, "avatarOf">;
  readonly names: ContactNames;
  readonly avatars: Pick<Avatars, "ofGroup">;
}

export class ChatProfiles {
  readonly #parts: ChatProfilesParts;

  constructor(parts: ChatProfilesParts) {
    this.#parts = parts;
  }

  of(portal: Portal, contact: Ghost | undefined, network: Network): ChatProfile {
    if (contact) return this.#direct(contact, network);
    return portal.kind === "direct" && portal.self ? this.#self(network) : this.#group(portal, network);
  }

  #self(network: Network): ChatProfile {
    const { names, avatars } = this.#parts;
    return {
      name: YOURSELF,
      title: NOTE_TO_SELF,
      shown: names.shown(NOTE_TO_SELF, network.name),
      contact: undefined,
      avatar: () => avatars.ofGroup(NOTE_TO_SELF, network).uri(),
    };
  }

  #direct(contact: Ghost, network: Network): ChatProfile {
    const { ghosts } = this.#parts;
    const { name, shown } = contact;
    return { name, title: name, shown, contact, avatar: () => ghosts.avatarOf(contact, network) };
  }

  /**
   * A group's name shows its network, as contacts' names do, and nothing by which it could pass for another network's.
   */
  #group(portal: Portal, network: Network): ChatProfile {
    const { names, avatars } = this.#parts;
    const given = portal.kind === "group" ? portal.name : "";
    const bare = names.bare(given, UNNAMED_GROUP);
    return {
      name: groupWords(cleanName(given, "")),
      title: bare,
      shown: names.shown(bare, network.name),
      contact: undefined,
      avatar: () => avatars.ofGroup(bare, network).uri(),
    };
  }
}
