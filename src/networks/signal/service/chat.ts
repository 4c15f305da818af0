import type { Net } from "@signalapp/libsignal-client";

/** libsignal adds these calls to its connections in a way that TypeScript's module resolution for Node does not see. */
type Authenticated = Net.AuthenticatedChatConnection &
  Net.AuthMessagesService &
  Net.AuthKeysService &
  Net.AuthDevicesService;
type Anonymous = Net.UnauthenticatedChatConnection &
  Net.UnauthMessagesService &
  Net.UnauthKeysService &
  Net.UnauthUsernamesService &
  Net.UnauthProfilesService;

/** An open connection to Signal's servers as this device. */
export interface Chat {
  readonly authenticated: Authenticated;
  /** A connection on which the server does not learn who asks; opened when it is first needed. */
  anonymous(): Promise<Anonymous>;
  /** Ends the connection; another is made by itself, on which the server brings again what was not acknowledged. */
  close(cause: unknown): void;
}
