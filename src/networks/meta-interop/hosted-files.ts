import type { LoginId } from "../../core/model/ids.ts";
import type { FamilyKey } from "../../core/ports/family-store.ts";

/** An encrypted file that this bridge serves to a network until it expires. */
export interface HostedFile {
  /** Unguessable; part of the address. */
  readonly id: string;
  readonly login: LoginId;
  /** Bytes. */
  readonly size: number;
  readonly at: number;
}

export interface HostedFileReads {
  get(id: string): Promise<HostedFile | undefined>;
  /** Ids of the files hosted before `at`, and of those whose login is gone. */
  stale(at: number): Promise<readonly string[]>;
  all(): Promise<readonly string[]>;
}

export interface HostedFileWrites {
  add(file: HostedFile): void;
  remove(id: string): void;
}

export const hostedFiles: FamilyKey<HostedFileReads, HostedFileWrites> = { family: "meta-interop" };
