import type { MessageId } from "../../src/core/model/ids.ts";
import type { Network } from "../../src/core/ports/network.ts";

/**
 * Who names our messages: the connector, by the row or by the time of writing; or the network, which drops repeats of
 * what came with the same key, or knows no such key.
 */
export type MessageNaming = "by-row" | "by-time" | "by-network" | "by-keyless-network";

/** Undefined where the network gives ids itself. */
export function namer(naming: MessageNaming): NonNullable<Network["messageId"]> | undefined {
  if (naming === "by-row") return ({ row }) => row.replaceAll("-", "").toUpperCase() as MessageId;
  return naming === "by-time" ? ({ at, taken }) => String(at + taken) as MessageId : undefined;
}
