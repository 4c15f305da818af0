import type { Chat, Contact } from "../../model/phone.ts";

/** What somebody is called: as they said, else as their app enlisted them, else by their visible id. */
export function contactName(chat: Chat, contact: Contact | undefined): string {
  return chat.name === chat.with ? (contact?.name ?? chat.name) : chat.name;
}
