import type { KeySync } from "../crypto/receiver.ts";
import { fieldOf, listOf } from "../http/json.ts";

/** What an answer of `/sync` says of keys (spec: End-to-end encryption, "Extensions to /sync"). */
export function keySyncOf(body: unknown): KeySync {
  const lists = fieldOf(body, "device_lists");
  const counts = fieldOf(body, "device_one_time_keys_count");
  return {
    toDevice: listOf(fieldOf(fieldOf(body, "to_device"), "events")),
    changed: listOf(fieldOf(lists, "changed")).filter(isText),
    left: listOf(fieldOf(lists, "left")).filter(isText),
    oneTimeKeys:
      typeof counts === "object" && counts !== null
        ? Object.fromEntries(Object.entries(counts).filter(([, count]) => Number.isSafeInteger(count)))
        : {},
    unusedFallbackKeys: listOf(fieldOf(body, "device_unused_fallback_key_types")).filter(isText),
  };
}

const isText = (value: unknown): value is string => typeof value === "string";
