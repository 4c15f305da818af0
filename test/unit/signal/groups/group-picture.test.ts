import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { ChatId } from "../../../../src/core/model/ids.ts";
import { GroupCipher } from "../../../../src/networks/signal/groups/group-cipher.ts";
import { fetchGroupPicture } from "../../../../src/networks/signal/media/fetch-media.ts";
import {
  groupPictureRef,
  profilePictureRef,
  readGroupPictureRef,
} from "../../../../src/networks/signal/media/media-ref.ts";
import { MediaWorkshop } from "../../../kit/media-workshop.ts";
import { SignalCdn } from "../../../kit/signal-cdn.ts";
import { VirtualClock } from "../../../kit/virtual-clock.ts";
import { signalservice } from "../wire/mock-protos.ts";

let workshop: MediaWorkshop;
let host: SignalCdn;
beforeAll(async () => {
  workshop = await MediaWorkshop.open();
  host = await SignalCdn.start();
});
afterAll(async () => {
  await host[Symbol.asyncDispose]();
  await workshop[Symbol.asyncDispose]();
});

async function bytesOf(fetching: ReturnType<typeof fetchGroupPicture>) {
  await using file = await fetching;
  const chunks: Uint8Array[] = [];
  for await (const chunk of file.read()) chunks.push(chunk);
  return Buffer.concat(chunks);
}

describe("a group's picture", () => {
  const group = GroupCipher.of(new Uint8Array(32).fill(7));
  const other = GroupCipher.of(new Uint8Array(32).fill(8));
  const picture = (path: string, by = group) =>
    fetchGroupPicture({ cdn: host.cdn, tools: workshop.tools, clock: new VirtualClock() }, path, (sealed) =>
      by?.picture(sealed),
    );
  /** As a member's phone uploads it. */
  const sealed = (avatar: Uint8Array<ArrayBuffer>): Uint8Array =>
    group?.sealBlob(signalservice.GroupAttributeBlob.encode({ content: { avatar } })) ?? new Uint8Array();

  test("is read by the group's key alone, and its reference does not have the key", async () => {
    const plain = new Uint8Array(randomBytes(500_000));
    host.serve("/groups/one", sealed(plain));
    expect((await bytesOf(picture("groups/one"))).equals(plain)).toBe(true);
    await expect(picture("groups/one", other)).rejects.toMatchObject({ reason: "bad-input" });
    const ref = groupPictureRef("groups/one", group?.chat ?? ("" as ChatId));
    expect(readGroupPictureRef(ref)).toEqual({ groupPicture: "groups/one", chat: group?.chat });
    expect(readGroupPictureRef(profilePictureRef("groups/one", new Uint8Array(32)))).toBeUndefined();
    expect(groupPictureRef("", "group.x" as ChatId)).toBe("");
  });

  test("that is changed, too large or somewhere else is not handed out", async () => {
    const blob = sealed(new Uint8Array(randomBytes(5_000)));
    for (const changed of [blob.subarray(0, -1), blob.subarray(1), new Uint8Array(0), randomBytes(900)]) {
      host.serve("/groups/two", changed);
      await expect(picture("groups/two")).rejects.toMatchObject({ reason: "bad-input" });
    }
    host.serve("/groups/three", new Uint8Array(11 * 1024 * 1024));
    await expect(picture("groups/three")).rejects.toMatchObject({ reason: "bad-input" });
    await expect(picture("../attachments/x")).rejects.toMatchObject({ reason: "bad-input" });
    expect(workshop.underway()).toEqual([]);
  });
});
