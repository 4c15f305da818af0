import { carriedTypes } from "../events/decode.ts";

const none = { not_types: ["*"] } as const;
const types = [...carriedTypes];

/** The most events of a room in one answer. */
export const PAGE = 100;

/** The filter for event types that are decoded, with at most `limit` events a room. */
export function syncFilter(limit: number): string {
  return JSON.stringify({
    presence: none,
    account_data: none,
    room: {
      timeline: { types, limit, lazy_load_members: true },
      state: { ...none, lazy_load_members: true },
      ephemeral: none,
      account_data: none,
    },
  });
}

export const pageFilter: string = JSON.stringify({ types, lazy_load_members: true });
