import type { LoginId } from "../../core/model/ids.ts";

/** What the connector keeps for a login; removed with it, see RecordReads. */
export function loginScope(login: LoginId): string {
  return `login/${login}`;
}

/** What was sent with each hosted file, by the file's id: to be encrypted again where a contact asks for it. */
export function hostedScope(login: LoginId): string {
  return `login/${login}/hosted`;
}

/** How often a message was sent again, by contact and message. */
export function answersScope(login: LoginId): string {
  return `login/${login}/answers`;
}
