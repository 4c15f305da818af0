import type { UserId } from "../model/ids.ts";
import type { AccessLevel } from "./access.ts";

/** What a part of the bridge is of. */
interface Versions {
  readonly bridge: string;
  readonly node: string;
  readonly libsignal: string;
  readonly sqlite: string;
  /** What the homeserver says it is; undefined where it does not. */
  readonly homeserver: string | undefined;
}

/** What somebody may do, and by which entry of the configuration's `permissions`; undefined where none is about them. */
export interface Permission {
  readonly level: AccessLevel;
  readonly entry: string | undefined;
}

/** One link between the bridge and all it needs, and what is to be said of it. */
export interface CheckedLink {
  readonly name: string;
  readonly findings: readonly {
    readonly kind: "good" | "note" | "bad" | "untried";
    readonly what: string;
    /** Of what is bad: the file or address it is about, and what to do. */
    readonly where?: string;
    readonly cure?: string;
  }[];
}

interface MadeBackup {
  readonly folder: string;
  readonly bytes: number;
  readonly files: number;
  /** Files that were not there to be copied. */
  readonly missing: number;
}

/** What the program around the bridge knows and does for its administrators. */
export interface Operations {
  versions(): Promise<Versions>;
  permission(user: UserId): Permission;
  /** Tries each link, some of them by doing; asked again meanwhile, it is the same trial. */
  check(): Promise<readonly CheckedLink[]>;
  /** Throws BridgeError with words. */
  backUp(): Promise<MadeBackup>;
}
