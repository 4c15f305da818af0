import { cleanName } from "../model/names.ts";
import type { Network } from "../ports/network.ts";
import type { Ghost, GroupPortal, Portal } from "../ports/rows.ts";
import type { Store } from "../ports/store.ts";
import type { Avatars } from "./avatars.ts";
import type { ContactNames } from "./contact-names.ts";
import type { Ghosts } from "./ghosts.ts";

/** What a chat is called and looks like: as its contact, or as a group. */
export interface ChatProfile {
  /** Whom the chat is with, in the bot's words. */
  readonly name: string;
  /** As it is called on the network, cleaned. */
  readonly title: string;
  /** The room's name. */
  readonly shown: string;
  /** Of a chat between two. */
  readonly contact: Ghost | undefined;
  /** `mxc://` of the picture that a new room has; undefined where it has none. */
  avatar(): Promise<string | undefined>;
}

const UNNAMED = "Group";

/** Whom a chat is with, in the bot's words, by what the store has. */
export async function nameOf(
  { ghosts }: Pick<Store, "ghosts">,
  portal: Portal,
  unknown = "this contact",
): Promise<string> {
  if (portal.kind === "group") return groupWords(cleanName(portal.name, ""));
  return (await ghosts.byPerson(portal.network, portal.person))?.name ?? unknown;
}

/** What a group is called in commands and in its room. */
export const groupTitle = ({ name }: GroupPortal): string => cleanName(name, UNNAMED);

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
    return contact ? this.#direct(contact, network) : this.#group(portal, network);
  }

  #direct(contact: Ghost, network: Network): ChatProfile {
    const { ghosts } = this.#parts;
    const { name, shown } = contact;
    return { name, title: name, shown, contact, avatar: () => ghosts.avatarOf(contact, network) };
  }

  /** A group says, as contacts do, which network it is on, and nothing by which it could pass for somebody else's. */
  #group(portal: Portal, network: Network): ChatProfile {
    const { names, avatars } = this.#parts;
    const given = portal.kind === "group" ? portal.name : "";
    const bare = names.bare(given, UNNAMED);
    return {
      name: groupWords(cleanName(given, "")),
      title: bare,
      shown: names.shown(bare, network.name),
      contact: undefined,
      avatar: () => avatars.ofGroup(bare, network).uri(),
    };
  }
}
