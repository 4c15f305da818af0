import { MatrixFault } from "./fake-homeserver-state.ts";

/** How homeservers of different makers and versions differ for a bridge. */
export interface FakeKind {
  /** The name at the federation's version address; undefined where that is not served. */
  readonly name: string | undefined;
  readonly version: string;
  /** Whether `/_synapse/admin/v1/server_version` answers, whatever the homeserver is. */
  readonly adminVersion: boolean;
  readonly unknownDevice: string;
  readonly unregistered: string;
  /** Whether `device_id` in a bridge's requests counts; else it is ignored. */
  readonly takesDevices: boolean;
  /** Whether a namespace's regex matches anywhere in the id and in any case; else it matches from the start. */
  readonly looseNamespaces: boolean;
  readonly transactionIds: "counted" | "hashed";
  /** What `/sync` does with a position that is ahead of the server's, as after it was restored from a copy. */
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

/** Synapse's kind as measured, tuwunel's as its source says. */
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

/** The answer of the version addresses; undefined for other paths. */
export function versionAnswer(
  { name, version, adminVersion }: FakeKind,
  path: string,
  authorization: string | undefined,
): Record<string, unknown> | undefined {
  if (path === "/_synapse/admin/v1/server_version" && adminVersion) return { server_version: version };
  if (path !== "/_matrix/federation/v1/version" || name === undefined) return undefined;
  if (authorization === undefined) return { server: { name, version } };
  // Synapse refuses a bridge's token at its federation API.
  throw new MatrixFault(403, "M_FORBIDDEN", "Federation denied with None.");
}
