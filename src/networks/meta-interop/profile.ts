import type { Capabilities } from "../../core/model/capabilities.ts";
import type { NetworkId } from "../../core/model/ids.ts";
import type { NoticeText } from "../../core/ports/login-flow.ts";
import type { ClientPayload_Product } from "./wire/gen/handshake_pb.js";

/** What a person typed after `start-chat`, as the gatekeeper wants it, or words on how to type it. */
export type Query =
  | { readonly kind: "id"; readonly externalId: string }
  | { readonly kind: "unclear"; readonly words: string };

/** All that differs between the gatekeeper's networks. */
export interface Profile {
  readonly id: NetworkId;
  readonly name: string;
  readonly colour: string;
  readonly product: keyof typeof ClientPayload_Product;
  /** The part of its users' JIDs after the @. */
  readonly server: string;
  /** Which plaintext its messages carry, and the `v` that says so. */
  readonly plaintext: "whatsapp" | "messenger";
  readonly encVersion: "2" | "3";
  readonly addressing: string;
  readonly example: string;
  /** What counts until the gatekeeper has sent its own. */
  readonly capabilities: Capabilities;
  readonly notice: NoticeText;
  query(typed: string): Query;
}
