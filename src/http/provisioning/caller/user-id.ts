import type { UserId } from "../../../core/model/ids.ts";
import { invalid } from "../refusal.ts";

/** The localpart may be of earlier room versions' making; the server name follows the specification's grammar. */
const USER_ID =
  /^@[^\s:\p{Cc}]{1,200}:(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]{2,45}\])(?::\d{1,5})?$/u;

/** A Matrix id as somebody gives it. Throws Refusal that begins with `what`. */
export function userId(text: string, what: string): UserId {
  if (text.length > 255 || !USER_ID.test(text))
    throw invalid(`${what} must be a whole Matrix id, such as @ana:example.org.`);
  return text as UserId;
}
