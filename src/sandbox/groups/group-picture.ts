import type { Node } from "../../networks/meta-interop/wire/node.ts";
import type { StanzaContext } from "../chat/stanza-context.ts";
import { sealPicture } from "../phone/profile-picture.ts";
import { openMedia } from "../state/media-crypto.ts";
import type { WantedChange } from "./group-change.ts";

type PictureChange = Extract<WantedChange, { kind: "picture" }>;

/** A picture's bytes as a change of a group; without any it is removed. */
export function pictureChange(
  { media }: StanzaContext["parts"],
  network: string,
  plain: Uint8Array | undefined,
): PictureChange {
  if (plain === undefined) return { kind: "picture", picture: null, host: () => undefined };
  const { picture, host } = sealPicture(plain);
  return { kind: "picture", picture, host: () => host(media, network) };
}

/**
 * The picture that an integrator's user wants a group to have: fetched from `url`, where their app hosts it, opened, and
 * hosted here for everybody. Undefined where it cannot be had or is not as described.
 */
export async function pictureFrom(context: StanzaContext, picture: Node): Promise<PictureChange | undefined> {
  const { session, parts, fetchHosted } = context;
  const { network } = session.account;
  const { url, key = "", sha256 = "", enc_sha256: encrypted = "", length } = picture.attrs;
  if (url === undefined) return pictureChange(parts, network, undefined);
  const file = {
    mediaKey: Buffer.from(key, "base64"),
    fileSha256: Buffer.from(sha256, "base64"),
    fileEncSha256: Buffer.from(encrypted, "base64"),
    fileLength: Number(length),
  };
  const hosted = await fetchHosted(network, url).catch(() => undefined);
  const plain = hosted && openMedia("image", file, hosted);
  return plain === undefined || typeof plain === "string" ? undefined : pictureChange(parts, network, plain);
}
