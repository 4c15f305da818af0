import type { Room } from "matrix-js-sdk";
import { h, type View } from "../../../../src/page/web/dom.ts";
import { Face } from "../../../../src/page/web/face.ts";
import { networkMark } from "../../../../src/sandbox/page/web/network-mark.ts";
import type { Account } from "./link/account.ts";
import { useMedia } from "./link/media.ts";
import { bridgedChat, titleOf } from "./rooms/room-facts.ts";

interface RoomFaceProps {
  readonly account: Account;
  readonly room: Room;
}

/** The picture of a room, else that of who is in it, else initials; with the network's mark. */
export function RoomFace({ account, room }: RoomFaceProps): View {
  const mxc = room.getMxcAvatarUrl() ?? room.getAvatarFallbackMember()?.getMxcAvatarUrl();
  const { src: picture } = useMedia(account.media, mxc ?? undefined);
  const network = bridgedChat(room)?.network ?? "";
  const mark = network in networkMark ? networkMark[network as keyof typeof networkMark] : undefined;
  return h(
    "span",
    { class: network },
    h(Face, { name: titleOf(room), picture, ...(mark === undefined ? {} : { mark }) }),
  );
}
