import type { Chat, Contact, PhoneSettings } from "../../model/phone.ts";

/** What somebody is called: as they said, else as their app enlisted them, else by their visible id. */
export function contactName(chat: Chat, contact: Contact | undefined): string {
  return chat.name === chat.with ? (contact?.name ?? chat.name) : chat.name;
}

/** What a chat is called: a group by its name, somebody as `contactName`. */
export function chatName(chat: Chat, { groups = [], contacts }: PhoneSettings): string {
  const group = groups.find((one) => one.group === chat.with);
  if (group !== undefined) return group.name;
  return contactName(
    chat,
    contacts.find(({ id }) => id === chat.with),
  );
}
