import type { MessageInitShape } from "@bufbuild/protobuf";
import type { ContactCard, ContactValue } from "./data-message.ts";
import { optional } from "./fields.ts";
import type { DataMessage_ContactSchema as ContactSchema } from "./gen/data-message_pb.js";
import { CONTACT_ADDRESS, CONTACT_VALUE } from "./numbers.ts";

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
