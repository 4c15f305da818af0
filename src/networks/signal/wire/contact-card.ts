import type { MessageInitShape } from "@bufbuild/protobuf";
import type { ContactAddress, ContactCard, ContactValue } from "./data-message.ts";
import { optional } from "./fields.ts";
import type {
  DataMessage_Contact_PostalAddress as AddressMessage,
  DataMessage_Contact as ContactMessage,
  DataMessage_ContactSchema as ContactSchema,
  DataMessage_Contact_Email as EmailMessage,
  DataMessage_Contact_Phone as PhoneMessage,
} from "./gen/data-message_pb.js";
import { CONTACT_ADDRESS, CONTACT_VALUE } from "./numbers.ts";

/** A card of an address book, from its protobuf and back. */

export function contactFrom({ name, number, email, address, organization }: ContactMessage): ContactCard {
  return {
    name: {
      ...optional("given", name?.givenName),
      ...optional("family", name?.familyName),
      ...optional("prefix", name?.prefix),
      ...optional("suffix", name?.suffix),
      ...optional("middle", name?.middleName),
      ...optional("nickname", name?.nickname),
    },
    phones: number.map(valueFrom),
    emails: email.map(valueFrom),
    addresses: address.map(addressFrom),
    ...optional("organization", organization),
  };
}

const valueFrom = ({ value, type, label }: PhoneMessage | EmailMessage): ContactValue => ({
  value,
  type: CONTACT_VALUE.nameOf(type) ?? "custom",
  ...optional("label", label),
});

const addressFrom = ({ type, ...address }: AddressMessage): ContactAddress => ({
  type: CONTACT_ADDRESS.nameOf(type) ?? "custom",
  ...optional("label", address.label),
  ...optional("street", address.street),
  ...optional("pobox", address.pobox),
  ...optional("neighborhood", address.neighborhood),
  ...optional("city", address.city),
  ...optional("region", address.region),
  ...optional("postcode", address.postcode),
  ...optional("country", address.country),
});

export function contactFields({
  name,
  phones,
  emails,
  addresses,
  organization,
}: ContactCard): MessageInitShape<typeof ContactSchema> {
  return {
    name: {
      ...optional("givenName", name.given),
      ...optional("familyName", name.family),
      ...optional("prefix", name.prefix),
      ...optional("suffix", name.suffix),
      ...optional("middleName", name.middle),
      ...optional("nickname", name.nickname),
    },
    number: phones.map(valueFields),
    email: emails.map(valueFields),
    address: addresses.map(({ type, ...address }) => ({ type: CONTACT_ADDRESS.numberOf[type], ...address })),
    ...optional("organization", organization),
  };
}

const valueFields = ({ type, ...value }: ContactValue) => ({ type: CONTACT_VALUE.numberOf[type], ...value });
