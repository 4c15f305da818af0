import { BridgeError } from "../../../core/model/errors.ts";
import type { PersonId } from "../../../core/model/ids.ts";
import type { Found } from "../../../core/ports/network.ts";
import type { Connection } from "../connection/connection.ts";
import { messageRefused } from "../connection/refusals.ts";
import { StanzaError } from "../connection/stanza-requests.ts";
import { pictureIn } from "../convert/profile-picture.ts";
import { chatWith, personOf } from "../ids.ts";
import type { Profile } from "../profile.ts";
import { errorCode } from "../wire/attributes.ts";
import { child, children, type Node, node } from "../wire/node.ts";
import { reasonOf } from "./notifications.ts";

/**
 * The reference of a person's picture, by what a look-up of their address says: empty for none, undefined where it says
 * nothing.
 */
export async function findPicture(
  profile: Profile,
  connection: Connection,
  person: PersonId,
): Promise<string | undefined> {
  const [account = ""] = person.split("@");
  const query = profile.query(account);
  if (query.kind === "unclear") return undefined;
  const answer = await ask(profile, connection, query.externalId);
  const users = child(answer, "users");
  const user = users && children(users, "user")[0];
  // What was looked up may be somebody else's by now.
  return user && personOf(user.attrs["jid"], profile.server) === person ? pictureIn(user) : undefined;
}

/** Looks one contact up, only because a person asked (`<iq xmlns="w:interop">`). */
export async function findContact(profile: Profile, connection: Connection, typed: string): Promise<Found> {
  const query = profile.query(typed);
  if (query.kind === "unclear") return { kind: "not-found", words: query.words };
  const answer = await ask(profile, connection, query.externalId);
  const users = child(answer, "users");
  const user = users && children(users, "user")[0];
  const refused = user && child(user, "error");
  const code = errorCode(refused?.attrs["code"]);
  if (refused && code !== 404) throw messageRefused(code, profile.name, undefined);
  const person = personOf(user?.attrs["jid"], profile.server);
  if (!user || refused || !person) {
    return {
      kind: "not-found",
      words: `${profile.name} knows nobody by ${query.externalId}. Check it and try again.`,
    };
  }
  const { attrs } = user;
  const reachability = attrs["reachable"] === "false" ? reasonOf(attrs["reason"]) : "reachable";
  const name = attrs["display_name"] || query.externalId;
  return { kind: "found", contact: { person, chat: chatWith(person), name, reachability } };
}

async function ask(profile: Profile, connection: Connection, externalId: string): Promise<Node> {
  try {
    return await connection.requests.ask({ xmlns: "w:interop", type: "get" }, [
      node("users", {}, [node("user", { external_id: externalId })]),
    ]);
  } catch (error) {
    if (!(error instanceof StanzaError)) throw error;
    if (error.code === 404) return node("iq");
    if (error.code === 429) {
      throw new BridgeError("remote-refused", {
        words: `${profile.name} asks us to slow down. Try again in a minute.`,
        certain: true,
        retryAfter: 60_000,
      });
    }
    throw messageRefused(error.code, profile.name, undefined);
  }
}
