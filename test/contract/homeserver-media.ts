import { expect, test } from "@jest/globals";
import type { UserId } from "../../src/core/model/ids.ts";
import { fileOf, type MediaFile } from "../../src/core/model/media.ts";
import type { Homeserver } from "../../src/core/ports/homeserver.ts";
import type { RoomPerson } from "../kit/memory-person.ts";

interface HomeserverFixture {
  readonly hs: Homeserver;
  readonly ghost: UserId;
  readonly alice: RoomPerson;
}

const all = async (file: MediaFile): Promise<string> => {
  const chunks: Uint8Array[] = [];
  for await (const chunk of file.read()) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
};

/** Files, as any homeserver must keep them. */
export function homeserverMedia(fixture: () => HomeserverFixture): void {
  test("a file is put where it was reserved, and a repeat is success", async () => {
    const { hs, ghost } = fixture();
    const uri = await hs.reserveMedia(ghost);
    expect(uri).toMatch(/^mxc:\/\/[^/]+\/[A-Za-z0-9_-]+$/);
    const file = fileOf(Buffer.from("the bytes"));
    await hs.putMedia(ghost, uri, file, "text/plain", "a name.txt");
    await hs.putMedia(ghost, uri, file, "text/plain", "a name.txt");
    expect(await hs.hasMedia(uri)).toBe(true);
    await using got = await hs.openMedia({ uri }, 100);
    expect([got.size, await all(got)]).toEqual([9, "the bytes"]);
  });

  test("a file larger than wanted is not taken, and one that is not there is not found", async () => {
    const { hs, ghost } = fixture();
    const uri = await hs.reserveMedia(ghost);
    await hs.putMedia(ghost, uri, fileOf(Buffer.alloc(2000)), "application/octet-stream");
    await expect(hs.openMedia({ uri }, 1999)).rejects.toMatchObject({
      reason: "too-large",
      retryAfter: undefined,
    });
    const gone = uri.replace(/[^/]+$/, "nothinghereatall");
    expect(await hs.hasMedia(gone)).toBe(false);
    expect(await hs.hasMedia(await hs.reserveMedia(ghost))).toBe(false);
    await expect(hs.openMedia({ uri: gone }, 100)).rejects.toMatchObject({
      reason: "not-found",
      retryAfter: undefined,
    });
    await expect(hs.openMedia({ uri: "mxc://../../etc" }, 100)).rejects.toMatchObject({
      reason: "bad-input",
    });
  });

  test("an address that was never given out can be had anew", async () => {
    const { hs, ghost } = fixture();
    const uri = (await hs.reserveMedia(ghost)).replace(/[^/]+$/, "neverreserved");
    const put = hs.putMedia(ghost, uri, fileOf(Buffer.from("x")), "text/plain");
    await expect(put).rejects.toMatchObject({ reason: "gone", certain: true, retryAfter: 0 });
  });

  test("tells how large an upload may be", async () => {
    const { hs } = fixture();
    expect(await hs.mediaLimit()).toBeGreaterThan(1024);
    expect(await hs.mediaLimit()).toBe(await hs.mediaLimit());
  });
}
