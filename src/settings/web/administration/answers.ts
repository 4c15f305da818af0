import type { StateEvent } from "../api/answers.ts";

/** What an administrator's part of the page uses of the provisioning API's answers. */

export interface AnyLogin {
  readonly login_id: string;
  readonly user_id: string;
  readonly network_id: string;
  readonly configured: boolean;
  readonly state: { readonly state_event: StateEvent; readonly timestamp: number; readonly message?: string };
  readonly trouble?: { readonly address: string; readonly what: string; readonly cure: string };
  readonly lost: number;
}

export interface Queue {
  readonly name: string;
  readonly rows: number;
  readonly lanes: number;
}

export interface DeadLetter {
  readonly direction: "to-matrix" | "to-network";
  readonly login_id?: string;
  readonly ref: string;
  readonly reason: string;
  readonly at: number;
}

export interface Versions {
  readonly bridge: string;
  readonly node: string;
  readonly libsignal: string;
  readonly sqlite: string;
  readonly homeserver?: string;
}

export interface Checked {
  readonly done: boolean;
  readonly links: readonly {
    readonly name: string;
    readonly findings: readonly {
      readonly kind: "good" | "note" | "bad" | "untried";
      readonly what: string;
      readonly where?: string;
      readonly cure?: string;
    }[];
  }[];
}

export interface Backup {
  readonly done: boolean;
  readonly made?: {
    readonly folder: string;
    readonly bytes: number;
    readonly files: number;
    readonly missing: number;
  };
}

export interface Permission {
  readonly level: "none" | "user" | "admin";
  readonly entry?: string;
  readonly user_id: string;
}
