import { groupTitle } from "../core/chats/chat-profiles.ts";
import { commandTarget } from "../core/chats/command-target.ts";
import type { Network } from "../core/ports/network.ts";
import type { Login, Portal } from "../core/ports/rows.ts";
import type { Request, Scene } from "./command.ts";
import { whom } from "./contact-named.ts";
import { loginsNamed } from "./logins-named.ts";

interface WhichChat {
  readonly network: Network;
  readonly login: Login;
  readonly portal: Portal;
  /** Whom it is with, in a sentence. */
  readonly name: string;
  /** To be typed behind a command. */
  readonly exactly: string;
}

/** The chat a command is about, with a contact or of a group; or the sentence that says why there is none. */
export async function whichChat(
  request: Pick<Request, "user" | "words">,
  verb: string,
  scene: Scene,
): Promise<WhichChat | string> {
  const about = await whom(request, verb, scene);
  if (typeof about !== "string") {
    const { network, login, known, exactly } = about;
    return { network, login, portal: known.portal, name: known.ghost.name, exactly };
  }
  const named = await loginsNamed(request, scene);
  if (typeof named === "string") return about;
  const typed = request.words.slice(1).join(" ");
  for (const login of named.logins.filter(({ state }) => state === "active")) {
    const [group, ...others] = await scene.contacts.groups(login, named.network, typed);
    // Which of several cannot be told apart by a name.
    if (!group || others.length > 0) continue;
    const exactly = await commandTarget(scene.store, group);
    return {
      network: named.network,
      login,
      portal: group,
      name: `the group “${groupTitle(group)}”`,
      exactly,
    };
  }
  return about;
}
