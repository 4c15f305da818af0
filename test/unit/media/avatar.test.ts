import { describe, expect, test } from "@jest/globals";
import sharp from "sharp";
import { avatar } from "../../../src/media/avatar.ts";
import { picture } from "../../kit/sample-files.ts";
import { mediaTools } from "./fixtures.ts";

/** The share of pixels that are white, and the colour of a corner. */
async function look(png: Uint8Array) {
  const { data, info } = await sharp(png).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  let white = 0;
  for (let at = 0; at < data.length; at += 3) if (data[at] === 255 && data[at + 1] === 255) white += 1;
  const corner = data.subarray(0, 3).toString("hex");
  return { size: [info.width, info.height], corner, white: white / (info.width * info.height) };
}

describe("a drawn avatar", () => {
  test.each([["W"], ["WV"], ["ÅŽ"], ["ЖЩ"], ["Ω"], ["א"], ["M8"]])(
    "has the letters %s in white on the colour",
    async (initials) => {
      const seen = await look(await avatar({ colour: "#1b8f4d", initials, shape: "person" }));
      expect(seen).toMatchObject({ size: [256, 256], corner: "1b8f4d" });
      expect(seen.white).toBeGreaterThan(0.02);
      expect(seen.white).toBeLessThan(0.3);
    },
  );

  test("differs by its letters, so none is drawn as a box for want of a font", async () => {
    const drawn = await Promise.all(
      ["A", "B", "Ж", "Ω", "א"].map((initials) => avatar({ colour: "#1b8f4d", initials, shape: "person" })),
    );
    expect(new Set(drawn.map((png) => Buffer.from(png).toString("base64"))).size).toBe(5);
  });

  test("is drawn also after somebody's picture was looked at", async () => {
    await using it = await mediaTools("");
    const before = await it.tools.avatar({ colour: "#5b5f97", initials: undefined, shape: "person" });
    expect(await it.look(await picture("png"), "image")).toMatchObject({ mimetype: "image/png" });
    for (const [initials, shape] of [
      [undefined, "person"],
      [undefined, "chats"],
      ["WV", "person"],
    ] as const) {
      const seen = await look(await it.tools.avatar({ colour: "#5b5f97", initials, shape }));
      expect(seen).toMatchObject({ size: [256, 256], corner: "5b5f97" });
    }
    expect(await it.tools.avatar({ colour: "#5b5f97", initials: undefined, shape: "person" })).toEqual(
      before,
    );
  });

  test.each(["person", "chats"] as const)("without letters is a shape: %s", async (shape) => {
    const seen = await look(await avatar({ colour: "#5b5f97", initials: undefined, shape }));
    expect(seen.corner).toBe("5b5f97");
    expect(seen.white).toBeGreaterThan(0.1);
  });
});
