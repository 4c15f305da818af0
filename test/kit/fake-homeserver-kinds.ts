import { MatrixFault } from "./fake-homeserver-state.ts";

/** How one maker's homeserver, or one version of it, differs from the next in what a bridge sees. */
export interface FakeKind {
  /** At the federation's version address; undefined where that is closed. */
  readonly name: string | undefined;
  readonly version: string;
  /** Whether `/_synapse/admin/v1/server_version` answers, with the version above whoever it is. */
  readonly adminVersion: boolean;
  readonly unknownDevice: string;
  readonly unregistered: string;
  /** Whether a bridge's requests count for the device they name; others do as if none were named. */
  readonly takesDevices: boolean;
  /** A namespace's regex found anywhere in the id, in any case, or from its start. */
  readonly looseNamespaces: boolean;
  readonly transactionIds: "counted" | "hashed";
  /** What becomes of a place in `/sync` that is ahead of the server's own, as after an older copy was put back. */
  readonly futurePlace: "taken" | "refused";
}

const synapse: FakeKind = {
  name: "Synapse",
  version: "1.163.2",
  adminVersion: true,
  unknownDevice: "M_UNKNOWN_DEVICE",
  unregistered: "M_FORBIDDEN",
  takesDevices: true,
  looseNamespaces: false,
  transactionIds: "counted",
  futurePlace: "taken",
};

/** As measured on Synapse, and as read of tuwunel in its source. */
export const kinds = {
  synapse,
  "synapse 1.141": { ...synapse, version: "1.141.0", unknownDevice: "ORG.MATRIX.MSC4326.M_UNKNOWN_DEVICE" },
  tuwunel: {
    ...synapse,
    name: "Tuwunel",
    version: "1.9.0",
    unknownDevice: "M_INVALID_PARAM",
    unregistered: "M_UNKNOWN",
    looseNamespaces: true,
    transactionIds: "hashed",
    futurePlace: "refused",
  },
} as const satisfies Record<string, FakeKind>;

export type KindName = keyof typeof kinds;
export const kindNames = Object.keys(kinds) as readonly KindName[];

export const namespaceOf = ({ looseNamespaces }: FakeKind, regex: string): RegExp =>
  looseNamespaces ? new RegExp(regex, "i") : new RegExp(`^(?:${regex})`);

/** What it answers where a server says what it is; undefined for every other path. */
export function versionAnswer(
  { name, version, adminVersion }: FakeKind,
  path: string,
  authorization: string | undefined,
): Record<string, unknown> | undefined {
  if (path === "/_synapse/admin/v1/server_version" && adminVersion) return { server_version: version };
  if (path !== "/_matrix/federation/v1/version" || name === undefined) return undefined;
  if (authorization === undefined) return { server: { name, version } };
  // A bridge's token is no other homeserver's.
  throw new MatrixFault(403, "M_FORBIDDEN", "Federation denied with None.");
}
