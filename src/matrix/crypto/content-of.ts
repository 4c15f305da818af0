import { jsonOf } from "../http/json.ts";

/** What `encryptRoomEvent` made, and other content of the crypto library: a JSON object. */
export const contentOf = (text: string): Readonly<Record<string, unknown>> =>
  jsonOf(text) as Readonly<Record<string, unknown>>;
