import { BridgeError } from "../../core/model/errors.ts";
import type { UserId } from "../../core/model/ids.ts";
import { errcodeOf } from "../http/errcode.ts";
import { faultOfReply, type Reply } from "../http/homeserver-error.ts";
import { isRoomId } from "../http/identifier.ts";
import { fieldOf } from "../http/json.ts";
import { namespaceOf } from "../http/namespace.ts";
import { type Requests, route } from "../http/requests.ts";
import { type CheckOptions, withRequests } from "./check-context.ts";

/** What the homeserver makes of a new room. */
export interface NewRoom {
  readonly version: string;
  readonly isEncrypted: boolean;
}

/** The first whose rooms can be joined by who is in their Space (Matrix 1.17, Room Version 8). */
const FIRST_RESTRICTED = 8;

/**
 * Makes an empty room as the bot, looks at it, and has the bot leave and forget it; answers what it was. Throws
 * BridgeError with words where the bridge cannot work in such rooms.
 */
export const checkNewRooms = (options: CheckOptions, readsEncrypted: boolean): Promise<NewRoom> =>
  withRequests(options, async ({ requests, names }) => {
    const made = await newRoomBy(requests, namespaceOf(names).bot);
    assertUsable(made, readsEncrypted);
    return made;
  });

async function newRoomBy(requests: Requests, bot: UserId): Promise<NewRoom> {
  const made = await requests.ask({
    method: "POST",
    path: route`/_matrix/client/v3/createRoom`,
    as: bot,
    body: { preset: "private_chat", visibility: "private", creation_content: { "m.federate": false } },
  });
  const room = fieldOf(made.body, "room_id");
  if (made.status !== 200 || !isRoomId(room)) throw makesNone(made);
  try {
    const state = await requests.ask({
      method: "GET",
      path: route`/_matrix/client/v3/rooms/${room}/state`,
      as: bot,
    });
    const events: readonly unknown[] = Array.isArray(state.body) ? state.body : [];
    if (state.status !== 200) throw faultOfReply(state);
    const creation = events.find((event) => fieldOf(event, "type") === "m.room.create");
    const version = fieldOf(fieldOf(creation, "content"), "room_version");
    return {
      version: typeof version === "string" ? version : "1",
      isEncrypted: events.some((event) => fieldOf(event, "type") === "m.room.encryption"),
    };
  } finally {
    for (const act of ["leave", "forget"] as const) {
      const path = route`/_matrix/client/v3/rooms/${room}/${act}`;
      await requests.ask({ method: "POST", path, as: bot, body: {} }).catch(() => undefined);
    }
  }
}

function assertUsable({ version, isEncrypted }: NewRoom, readsEncrypted: boolean): void {
  if (isEncrypted && !readsEncrypted) throw encryptsAll();
  if (!/^\d+$/.test(version) || Number(version) >= FIRST_RESTRICTED) return;
  throw new BridgeError("homeserver-fault", {
    words: `The homeserver makes rooms of version ${version}, in which people cannot come in by a Space. Synapse: set default_room_version to 10 or later in homeserver.yaml, or leave it out, and restart Synapse.`,
    certain: true,
  });
}

function makesNone({ status, body }: Reply): BridgeError {
  return new BridgeError("homeserver-fault", {
    words: `The homeserver makes no room for the bridge's bot (status ${status}, ${errcodeOf(body) ?? "no errcode"}). See what its log says of POST /_matrix/client/v3/createRoom, and whether a module or a proxy of its forbids it.`,
    certain: true,
  });
}

export const encryptsAll = (): BridgeError =>
  new BridgeError("homeserver-fault", {
    words:
      "The homeserver encrypts every new room, and the bridge has encryption switched off. Set encryption.mode to allow in its configuration and restart the bridge. Or, Synapse: set encryption_enabled_by_default_for_room_type to off in homeserver.yaml and restart Synapse.",
    certain: true,
  });
