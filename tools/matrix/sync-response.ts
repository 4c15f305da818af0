import type { Json } from "./api.ts";

/** One timeline event as a client shows it. */
export interface RoomEvent {
  readonly roomId: string;
  readonly id: string;
  readonly type: string;
  readonly sender: string;
  readonly content: Json;
  readonly stateKey?: string;
  /** Milliseconds since 1970, as the sender's homeserver says. */
  readonly at: number;
}

export interface Invite {
  readonly roomId: string;
  readonly from: string;
  readonly isDirect: boolean;
  readonly name: string | undefined;
}

interface RawEvent {
  readonly event_id?: string;
  readonly type: string;
  readonly sender: string;
  readonly content: Json;
  readonly state_key?: string;
  readonly origin_server_ts?: number;
}

export interface SyncResponse {
  readonly next_batch: string;
  readonly rooms?: {
    readonly join?: Readonly<Record<string, JoinedRoom>>;
    readonly invite?: Readonly<
      Record<string, { readonly invite_state?: { readonly events?: readonly RawEvent[] } }>
    >;
  };
}

interface JoinedRoom {
  readonly timeline?: {
    readonly events?: readonly RawEvent[];
    readonly limited?: boolean;
    readonly prev_batch?: string;
  };
  readonly ephemeral?: { readonly events?: readonly { readonly type: string; readonly content: Json }[] };
}

export function roomEvent(roomId: string, raw: RawEvent): RoomEvent {
  return {
    roomId,
    id: raw.event_id ?? "",
    type: raw.type,
    sender: raw.sender,
    content: raw.content,
    at: raw.origin_server_ts ?? 0,
    ...(raw.state_key === undefined ? {} : { stateKey: raw.state_key }),
  };
}

export function timelineOf(sync: SyncResponse): readonly RoomEvent[] {
  return Object.entries(sync.rooms?.join ?? {}).flatMap(([roomId, room]) =>
    (room.timeline?.events ?? []).map((raw) => roomEvent(roomId, raw)),
  );
}

/** Receipts and typing notices, in the form `{ roomId, type, content }`. */
export function ephemeralOf(sync: SyncResponse): readonly { roomId: string; type: string; content: Json }[] {
  return Object.entries(sync.rooms?.join ?? {}).flatMap(([roomId, room]) =>
    (room.ephemeral?.events ?? []).map(({ type, content }) => ({ roomId, type, content })),
  );
}

export function invitesOf(sync: SyncResponse, userId: string): readonly Invite[] {
  return Object.entries(sync.rooms?.invite ?? {}).flatMap(([roomId, room]) => {
    const events = room.invite_state?.events ?? [];
    const member = events.find(({ type, state_key }) => type === "m.room.member" && state_key === userId);
    if (member === undefined) return [];
    const name = events.find(({ type }) => type === "m.room.name")?.content["name"];
    return [
      {
        roomId,
        from: member.sender,
        isDirect: member.content["is_direct"] === true,
        name: typeof name === "string" ? name : undefined,
      },
    ];
  });
}
