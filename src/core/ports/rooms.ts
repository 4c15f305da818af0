import type { RoomId } from "../model/ids.ts";

/** Encryption between people's clients and the bridge. Every call throws BridgeError. */
export interface RoomEncryption {
  /** Whether a room is encrypted. */
  has(room: RoomId): Promise<boolean>;
  /** Encrypts a room for good: nothing is sent there in the clear from then on. */
  switchOn(room: RoomId): Promise<void>;
  /** The public key of the bot's device in groups of four, which a person compares with what their client shows. */
  fingerprint(): Promise<string>;
  /** Gives all our users other devices with the same identities; resolves to how many have one. */
  renew(): Promise<number>;
}

export interface RoomSpec {
  readonly key: string;
  readonly name?: string;
  readonly topic?: string;
  /** `mxc://` */
  readonly avatar?: string;
  readonly direct: boolean;
  /** `alias`: anybody of this server may join it by its alias, and only the bot writes there. */
  readonly kind: "portal" | "management" | "space" | "alias";
  /** The room that it replaces, which is still there. */
  readonly predecessor?: RoomId;
  /** The room that was used before for the same; where it was encrypted, this one is. */
  readonly after?: RoomId | undefined;
  /** The Space it is in, whose members may join without an invitation (join rule `restricted`). */
  readonly within?: RoomId;
  /** State that is set at creation, beside what the kind implies. */
  readonly state: readonly { readonly type: string; readonly stateKey: string; readonly content: object }[];
}
