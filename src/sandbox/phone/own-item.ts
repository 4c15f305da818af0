import type { Plaintext } from "../../networks/meta-interop/wire/plaintext-kinds.ts";
import type { Account } from "../state/accounts.ts";
import type { InboxItem } from "../state/phone-inboxes.ts";
import { externalId } from "./people.ts";
import type { Person } from "./person.ts";
import { fileOf } from "./plaintext-item.ts";

/** Fields of every item about what this person did in the chat with this user. */
export function byPerson(
  { row }: Person,
  account: Account,
  id: string,
): Pick<InboxItem, "id" | "from" | "from_name" | "chat" | "at"> {
  return { id, from: externalId(row), from_name: row.name, chat: account.sub, at: Date.now() };
}

/** Keeps the file of a message that a person sends, or another person in a group, so that their phone shows it. Call it inside a commit. */
export function keepOwnFile(
  { id: person, parts: { media } }: Person,
  { integrator }: Pick<Account, "integrator">,
  id: string,
  plaintext: Plaintext,
  plain: Uint8Array,
): void {
  const file = fileOf(plaintext);
  if (file === undefined) return;
  media.keep(person, id, { ...file, integrator });
  media.fetched(person, id, plain);
}
