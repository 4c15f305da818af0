import type { PersonId } from "../../core/model/ids.ts";
import type { LoginContext } from "./login-context.ts";
import { signalFamily } from "./records.ts";

/**
 * Whether our person blocked somebody, on whichever device. Signal's server does not know of it and hands out what the
 * blocked send, so that each device has to leave it out.
 */
export async function isBlocked(
  { store, login, own }: Pick<LoginContext, "store" | "login" | "own">,
  person: PersonId,
): Promise<boolean> {
  if (person === own) return false;
  if ((await store.family(signalFamily).recipient(login, person))?.stored?.blocked === true) return true;
  return (await store.contacts.get(login, person))?.blocked === true;
}
