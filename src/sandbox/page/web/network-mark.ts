import { hasThirdPartyChats, type PersonSettings } from "../model/phone.ts";

/** The letter that stands for a network at the corner of a face. */
export const networkMark = { whatsapp: "W", messenger: "M", signal: "S" } as const;

/** What stands at the corner of the face of somebody that a phone writes to. */
export const contactMark = (network: PersonSettings["network"]): string =>
  hasThirdPartyChats(network) ? "3rd" : networkMark[network];
