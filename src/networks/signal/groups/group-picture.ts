import { BridgeError } from "../../../core/model/errors.ts";
import type { ChatId } from "../../../core/model/ids.ts";
import type { MediaFile } from "../../../core/model/media.ts";
import type { LoginContext } from "../login-context.ts";
import { signalFamily } from "../records.ts";
import { GroupCipher } from "./group-cipher.ts";

interface PictureHost {
  openGroupPicture(path: string, open: (sealed: Uint8Array) => Uint8Array | undefined): Promise<MediaFile>;
}

/** A group's picture, by its reference. Throws BridgeError. */
export async function openGroupPicture(
  { store, login }: Pick<LoginContext, "store" | "login">,
  files: PictureHost,
  { chat, groupPicture: path }: { readonly chat: ChatId; readonly groupPicture: string },
): Promise<MediaFile> {
  const group = await store.family(signalFamily).group(login, chat);
  const cipher = group && GroupCipher.of(group.masterKey);
  if (!cipher) throw new BridgeError("gone", { words: "The group is not known any more.", certain: true });
  return files.openGroupPicture(path, (sealed) => cipher.picture(sealed));
}
