import type { RoomId, UserId } from "../../core/model/ids.ts";
import type { RoomEncryption } from "../../core/ports/rooms.ts";
import type { Encryption } from "../crypto/encryption.ts";
import type { Requests } from "../http/requests.ts";
import { ENCRYPTED } from "./room-creation.ts";
import { setState } from "./room-state.ts";

const GROUP = 4;

/** What people do about encryption, by the bot. */
export const roomEncryption = (requests: Requests, bot: UserId, encryption: Encryption): RoomEncryption => ({
  has: (room: RoomId) => encryption.rooms.encrypts(room),
  switchOn: (room: RoomId) =>
    encryption.rooms.switchOn(room, () => setState(requests, { bot, as: bot, room, ...ENCRYPTED })),
  renew: () => encryption.renew(),
  fingerprint: async () => {
    const key = await encryption.deviceKey();
    return key.match(new RegExp(`.{1,${GROUP}}`, "gu"))?.join(" ") ?? key;
  },
});
