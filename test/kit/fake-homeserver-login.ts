import { type FakeState, MatrixFault } from "./fake-homeserver-state.ts";

type Json = Record<string, unknown>;

interface FakeRegistration {
  readonly as_token: string;
  readonly namespaces: { readonly users: readonly { readonly regex: string }[] };
}

/** The second registration, whose token may act as people. */
export interface FakePuppets {
  readonly token: string;
  readonly covers: (user: string) => boolean;
}

export function puppetsOf({ as_token: token, namespaces }: FakeRegistration): FakePuppets {
  const patterns = namespaces.users.map(({ regex }) => new RegExp(regex));
  return { token, covers: (user) => patterns.some((pattern) => pattern.test(user)) };
}

/** `POST /login` of an application service, up to where a device is made. In Synapse's order: account, then device id. */
export function logIn(
  state: FakeState,
  puppets: FakePuppets | undefined,
  body: Json,
  authorization: string | undefined,
): Json {
  const { user = "" } = (body["identifier"] ?? {}) as { readonly user?: string };
  if (authorization !== `Bearer ${puppets?.token}` || puppets?.covers(user) !== true) {
    throw new MatrixFault(403, "M_FORBIDDEN", "Invalid access_token");
  }
  const account = state.users.get(user);
  if (account === undefined) throw new MatrixFault(404, "M_UNKNOWN", "No row found (users)");
  if (account.closed === "locked") {
    throw new MatrixFault(401, "M_USER_LOCKED", "User account has been locked");
  }
  if (account.closed !== undefined) {
    throw new MatrixFault(403, "M_USER_DEACTIVATED", "This account has been deactivated");
  }
  if (String(body["device_id"]).length > 512) {
    throw new MatrixFault(400, "M_INVALID_PARAM", "device_id cannot be longer than 512 characters.");
  }
  throw new MatrixFault(500, "M_UNKNOWN", "no device is made here");
}
