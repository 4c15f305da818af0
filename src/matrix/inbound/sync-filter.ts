import { carriedTypes } from "../events/decode.ts";

const none = { not_types: ["*"] } as const;
const types = [...carriedTypes];

/** Events a room is asked for in one go. */
export const PAGE = 100;

/** Of every room only what decoding takes; a first look needs the place in the stream alone. */
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
