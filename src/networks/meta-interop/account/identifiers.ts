import { BridgeError } from "../../../core/model/errors.ts";
import type { UserId } from "../../../core/model/ids.ts";
import type { IdentifierOf } from "./enlist.ts";

export interface IdentifierRules {
  readonly type: "username" | "email" | "pn";
  /** The identifiers that the administrator vouches for, where the type is not `username`. */
  readonly vouched: Readonly<Record<UserId, string>>;
}

/**
 * Makes the function that finds a person's visible identifier: the full Matrix id, or what the administrator vouches
 * for; never what somebody typed.
 */
export function identifiersBy({ type, vouched }: IdentifierRules): IdentifierOf {
  return async (user) => {
    if (type === "username") return { type, value: user };
    const value = Object.hasOwn(vouched, user) ? vouched[user] : undefined;
    if (value !== undefined) return { type, value };
    const what = type === "email" ? "e-mail address" : "phone number";
    throw new BridgeError("forbidden", {
      words: `Contacts know people of this bridge by their ${what}, and whoever runs it has not confirmed yours yet. Ask them to.`,
      certain: true,
    });
  };
}
