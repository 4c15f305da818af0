import { beforeAll, describe, expect, test } from "@jest/globals";
import type { SignalPhone } from "../../tools/signal-mock/client.ts";
import type { OpenChat } from "../kit/open-chat.ts";
import type { ShownEvent } from "../kit/other-client.ts";
import { base64, blob, hasFfmpeg, movie, picture, sha256, voiceNote } from "../kit/sample-files.ts";
import type { OnSignal } from "../kit/signal/on-signal.ts";

const where = hasFfmpeg ? test : test.skip;
const infoOf = ({ content }: ShownEvent) => content["info"] as Readonly<Record<string, unknown>>;

/** What no log may hold of these tests. */
export const fileSecrets: readonly string[] = ["Faas Foto", "canary-5f"];

/** Files of every kind, each way, between Ana and a contact on Signal. */
export function files(here: OnSignal): void {
  describe("files", () => {
    let chat: OpenChat<SignalPhone>;
    beforeAll(async () => {
      chat = await here.contact("Faas Foto");
    });

    const shown = (body: string): Promise<ShownEvent> =>
      chat.event(`a file with “${body}”`, ({ content }) => content["body"] === body);
    const hash = async (event: ShownEvent) =>
      sha256((await here.viewer.download(event.content["url"])).bytes);
    /** Puts a file on the homeserver; answers what an event says of it. */
    async function hosted(bytes: Uint8Array<ArrayBuffer>, mimetype: string) {
      const url = await here.viewer.upload(bytes, mimetype);
      return { url, info: { mimetype, size: bytes.length } };
    }

    test("a picture crosses each way with its caption, byte for byte", async () => {
      const bytes = await picture("jpeg", 1200, 900);
      const media = { as: "image", media: base64(bytes), mimetype: "image/jpeg" };
      await chat.does("sends", { ...media, caption: "canary-5f by the sea" });
      const event = await shown("canary-5f by the sea");
      expect(event.content["msgtype"]).toBe("m.image");
      expect(infoOf(event)).toMatchObject({ mimetype: "image/jpeg", size: bytes.length, w: 1200, h: 900 });
      expect(await hash(event)).toBe(sha256(bytes));
      await chat.reply(event.id, { msgtype: "m.text", body: "nice picture" });
      expect(String((await chat.heard("nice picture")).target)).toContain(chat.phone.aci);

      const png = await picture("png");
      const body = "canary-5f in the hills";
      await chat.send({
        msgtype: "m.image",
        body,
        filename: "hill.png",
        ...(await hosted(png, "image/png")),
      });
      const item = await chat.shows(
        "the picture",
        ({ kind, caption }) => kind === "image" && caption === body,
      );
      expect(item.media).toMatchObject({ sha256: sha256(png), mimetype: "image/png" });
      expect(sha256(await chat.phone.media(item.id))).toBe(sha256(png));
    });

    test("several files of one message arrive all, and in order", async () => {
      const sizes = [31, 32, 33, 34];
      const drawn = await Promise.all(sizes.map((side) => picture("png", side, side)));
      const [first, ...also] = drawn.map((bytes) => ({ media: base64(bytes), mimetype: "image/png" }));
      await chat.does("sends", { as: "image", ...first, also, caption: "canary-5f, four of them" });
      await chat.does("says", { text: "those were all" });
      await chat.text("those were all");
      const { events } = await chat.until("the room", (room) => room);
      const pictures = events.filter(
        (each) => each.content["msgtype"] === "m.image" && sizes.includes(Number(infoOf(each)["w"])),
      );
      expect(pictures.map((event) => infoOf(event)["w"])).toEqual(sizes);
      expect(await Promise.all(pictures.map(hash))).toEqual(drawn.map(sha256));
    });

    test("several files of one event are one message there, in order and with their caption", async () => {
      const drawn = await Promise.all([51, 52, 53].map((side) => picture("png", side, side)));
      const itemtypes = await Promise.all(
        drawn.map(async (bytes, at) => ({
          itemtype: "m.image",
          body: `${at}.png`,
          ...(await hosted(bytes, "image/png")),
        })),
      );
      const body = "canary-5f, three at once";
      await chat.send({ msgtype: "m.gallery", body, itemtypes });
      const first = await chat.shows("the first", ({ caption }) => caption === body);
      // The phone's page names the files of one message so.
      const second = await chat.shows("the second", ({ id }) => id === `${first.id}#1`);
      const third = await chat.shows("the third", ({ id }) => id === `${first.id}#2`);
      expect([first, second, third].map(({ media }) => media?.sha256)).toEqual(drawn.map(sha256));
    });

    test("a file of some megabytes keeps its name each way", async () => {
      const bytes = blob(5_000_000);
      const media = { as: "file", media: base64(bytes), mimetype: "application/octet-stream" };
      await chat.does("sends", { ...media, name: "canary-5f.bin", caption: "all of it" });
      const event = await shown("all of it");
      expect(event.content).toMatchObject({ msgtype: "m.file", filename: "canary-5f.bin" });
      expect(await hash(event)).toBe(sha256(bytes));

      const said = { msgtype: "m.file", body: "and back", filename: "back.bin" };
      await chat.send({ ...said, ...(await hosted(bytes, "application/octet-stream")) });
      const item = await chat.shows("the file", ({ caption }) => caption === "and back");
      expect(item).toMatchObject({ kind: "file", media: { name: "back.bin", size: bytes.length } });
      expect(sha256(await chat.phone.media(item.id))).toBe(sha256(bytes));
    });

    where("a voice note is one on both sides, in the form that each side's apps play", async () => {
      const bytes = voiceNote();
      await chat.does("sends", { as: "voice", media: base64(bytes), mimetype: "audio/ogg" });
      const event = await chat.event("the voice note", ({ content }) => content["msgtype"] === "m.audio");
      expect(event.content).toHaveProperty(["org.matrix.msc3245.voice"]);
      expect(infoOf(event)["duration"]).toBeGreaterThan(1_900);

      const said = { msgtype: "m.audio", body: "Voice message", "org.matrix.msc3245.voice": {} };
      await chat.send({ ...said, ...(await hosted(bytes, "audio/ogg")) });
      const item = await chat.shows("the voice note", ({ kind }) => kind === "voice");
      expect(item.media).toMatchObject({ mimetype: "audio/aac" });
    });

    where("a loop is one on both sides", async () => {
      const bytes = movie();
      await chat.does("sends", {
        as: "gif",
        media: base64(bytes),
        mimetype: "video/mp4",
        caption: "round and round",
      });
      const event = await shown("round and round");
      expect(event.content["msgtype"]).toBe("m.video");
      expect(infoOf(event)).toMatchObject({ "fi.mau.gif": true, w: 160, h: 120 });
      expect(await hash(event)).toBe(sha256(bytes));

      const { url, info } = await hosted(bytes, "video/mp4");
      await chat.send({ msgtype: "m.video", body: "again", url, info: { ...info, "fi.mau.gif": true } });
      const item = await chat.shows("the loop", ({ kind }) => kind === "gif");
      expect(sha256(await chat.phone.media(item.id))).toBe(sha256(bytes));
    });

    test("a file that cannot be had is told in the room, and the chat goes on", async () => {
      const bytes = (length: number) => ({ $bytes: base64(new Uint8Array(length)) });
      const nothing = Object.fromEntries(
        ["clientUuid", "thumbnail", "incrementalMac", "chunkSize", "fileName", "flags", "width", "height"]
          .concat("caption", "blurHash", "uploadTimestamp")
          .map((name) => [name, null]),
      );
      const pointer = { ...nothing, contentType: "image/png", size: 10, cdnNumber: 3 };
      const gone = {
        ...pointer,
        attachmentIdentifier: { cdnKey: "gone" },
        key: bytes(64),
        digest: bytes(32),
      };
      await chat.does("says", { text: "", fields: { attachments: [gone] } });
      await chat.notice(/Signal no longer has the file\. Please ask your contact to send it again/);
      const nowhere = { ...pointer, attachmentIdentifier: { cdnKey: "k" }, key: null, digest: null };
      await chat.does("says", { text: "", fields: { attachments: [nowhere] } });
      await chat.event("words in its place", ({ content }) =>
        String(content["body"]).includes("There was a file here that cannot be fetched"),
      );
      await chat.stillWorks();
    });
  });
}
