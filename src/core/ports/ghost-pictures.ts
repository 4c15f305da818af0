import type { LoginId, NetworkId, PersonId } from "../model/ids.ts";

/** Whose picture is looked after. */
export interface PictureKey {
  readonly network: NetworkId;
  readonly person: PersonId;
  /** The login that asks whether they have one; undefined where the network has told of one. */
  readonly login?: LoginId;
}

/** A person's own picture, by the connector's reference. */
export interface GhostPicture {
  readonly network: NetworkId;
  readonly person: PersonId;
  /** The login that was told of it. */
  readonly login: LoginId;
  readonly ref: string;
}
