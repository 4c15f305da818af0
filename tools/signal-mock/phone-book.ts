import type { Group, PrimaryDevice, Proto } from "@signalapp/mock-server";
import { StorageState } from "./mock-server.ts";

/** What an account stores of a contact at the server; fields that are left out stay as they were. */
export type StoredContact = Partial<Proto.ContactRecord.Params>;

/** Writes what the phone stores of a contact, and answers what is stored after. */
export async function storeContact(
  phone: PrimaryDevice,
  contact: PrimaryDevice,
  fields: StoredContact,
): Promise<void> {
  const before = await phone.getStorageState();
  const state = before ?? StorageState.getEmpty();
  const known = state.getContact(contact);
  const profile = {
    profileKey: Uint8Array.from(contact.profileKey.serialize()),
    givenName: contact.profileName,
  };
  const after = known
    ? state.updateContact(contact, fields)
    : state.addContact(contact, { ...profile, whitelisted: true, ...fields });
  await phone.setStorageState(after, before);
}

/** What is stored of a contact, by whichever device. */
export async function storedContact(
  phone: PrimaryDevice,
  contact: PrimaryDevice,
): Promise<Proto.ContactRecord.Params | undefined> {
  return (await phone.getStorageState())?.getContact(contact);
}

/** What an account stores of a group at the server; fields that are left out stay as they were. */
export type StoredGroup = Partial<Proto.GroupV2Record.Params>;

export async function storeGroup(phone: PrimaryDevice, group: Group, fields: StoredGroup): Promise<void> {
  const before = await phone.getStorageState();
  const state = before ?? StorageState.getEmpty();
  const after = state.getGroup(group)
    ? state.updateGroup(group, fields)
    : state.addGroup(group, { whitelisted: true, ...fields });
  await phone.setStorageState(after, before);
}
