import type { LoginId } from "../../core/model/ids.ts";

/** The connector's records of a login; they are removed with it, see RecordReads. */
export function loginScope(login: LoginId): string {
  return `login/${login}`;
}

/** The plaintext sent with each hosted file, by the file's id, to be encrypted again when a contact asks for it. */
export function hostedScope(login: LoginId): string {
  return `login/${login}/hosted`;
}

/** The groups of which it was told that they cannot be read. */
export const unreadableScope = (login: LoginId): string => `login/${login}/unreadable`;

/** How often each message was sent again, by contact and message. */
export function resentScope(login: LoginId): string {
  return `login/${login}/answers`;
}
