import { expect, test } from "@jest/globals";
import type { Phone, PhoneItem, SandboxControl } from "../../tools/sandbox/control.ts";
import type { CryptoClient, CryptoEvent } from "../kit/crypto-client.ts";
import { base64, blob, hasFfmpeg, movie, picture, sha256, voiceNote } from "../kit/sample-files.ts";
import type { TestPerson } from "../kit/world.ts";

interface EncryptedChat {
  readonly ana: TestPerson;
  readonly client: CryptoClient;
  /** The contact's. */
  readonly phone: Phone;
  readonly room: string;
  readonly control: SandboxControl;
}

type Content = Readonly<Record<string, unknown>>;

const where = hasFfmpeg ? test : test.skip;
/** No client shows a shield. */
const WELL = { encrypted: true, failure: null, shield: 0 };
const says = (body: string) => (event: CryptoEvent) => event.content["body"] === body;
const infoOf = ({ content }: CryptoEvent) => content["info"] as Content;

/** Files of every kind, each way, in an encrypted room; other software than ours encrypts and decrypts them at the person's. */
export function encryptedFiles(chat: () => EncryptedChat): void {
  /** The contact sends a file, which the client shows. */
  async function brings(as: string, bytes: Uint8Array, more: Content): Promise<CryptoEvent> {
    const { ana, client, phone, room } = chat();
    await phone.does("sends", { to: ana.userId, as, media: base64(bytes), ...more });
    const name = String(more["caption"] ?? more["name"]);
    const event = await client.shows(`a ${as}`, (one) => one.room === room && says(name)(one));
    expect(event).toMatchObject(WELL);
    expect(event.content).not.toHaveProperty("url");
    expect(event.content["info"]).not.toHaveProperty("thumbnail_url");
    expect(sha256(await client.openFile(event.content["file"]))).toBe(sha256(bytes));
    return event;
  }

  /** Ana sends a file, which the phone shows. */
  async function sends(
    bytes: Uint8Array,
    content: Content,
    matches: (item: PhoneItem) => boolean,
    type?: string,
  ): Promise<PhoneItem & { readonly event: string }> {
    const { client, phone, room } = chat();
    const file = await client.sealFile(bytes);
    const event = await client.send(room, { file, ...content }, type);
    const item = await phone.shows("the file", matches);
    expect(sha256(await phone.media(item.id))).toBe(item.media?.sha256);
    return { ...item, event };
  }

  test("a picture with a caption crosses both ways, is answered, and keeps its file when its caption is edited", async () => {
    const { ana, client, phone, room } = chat();
    const bytes = await picture("jpeg", 1200, 900);
    const info = { mimetype: "image/jpeg", size: bytes.length };
    const shown = await brings("image", bytes, { mimetype: info.mimetype, caption: "Grünkohl, served" });
    expect(infoOf(shown)).toMatchObject({ ...info, w: 1200, h: 900 });
    const thumbnail = await client.openFile(infoOf(shown)["thumbnail_file"]);
    expect(thumbnail.subarray(0, 2)).toEqual(Buffer.from([0xff, 0xd8]));

    const names = { msgtype: "m.image", body: "Grünkohl, mine", filename: "dinner.jpg", info };
    const reply = { "m.relates_to": { "m.in_reply_to": { event_id: shown.id } } };
    const item = await sends(bytes, { ...names, ...reply }, ({ caption }) => caption === "Grünkohl, mine");
    expect(item).toMatchObject({ kind: "image", width: 1200, height: 900, target: expect.any(String) });
    await phone.does("says", { to: ana.userId, text: "and mine?", target: item.id });
    const answer = await client.shows("their answer", says("and mine?"));
    expect(answer.relation).toEqual({ "m.in_reply_to": { event_id: item.event } });

    await phone.does("edits", { to: ana.userId, target: item.target ?? "", text: "Grünkohl, gone" });
    const edit = await client.shows("their new caption", says("* Grünkohl, gone"));
    expect(edit).toMatchObject({ ...WELL, relation: { rel_type: "m.replace", event_id: shown.id } });
    const edited = { msgtype: "m.image", file: shown.content["file"], info: shown.content["info"] };
    expect(edit.content).toMatchObject({ ...edited, "m.new_content": { ...edited, body: "Grünkohl, gone" } });
    const sent = client.events.find(({ id }) => id === item.event)?.content;
    const replacing = { ...names, file: sent?.["file"], body: "Grünkohl, eaten" };
    const relation = { "m.relates_to": { rel_type: "m.replace", event_id: item.event } };
    await client.send(room, { ...replacing, "m.new_content": replacing, ...relation });
    const isNew = ({ kind, target, text }: PhoneItem) =>
      kind === "edit" && target === item.id && text === "Grünkohl, eaten";
    await phone.shows("our new caption", isNew);
  });

  where("recordings, videos with their picture, GIFs, files, stickers and galleries cross", async () => {
    const { client, phone, room } = chat();
    const [voice, video, pdf] = [voiceNote(), movie(), blob(100_000)];
    const waveform = Array.from({ length: 64 }, (_, at) => at);
    const note = { mimetype: "audio/ogg; codecs=opus", seconds: 2, waveform };
    const heard = await brings("voice", voice, { ...note, name: "Voice message.ogg" });
    expect(heard.content).toMatchObject({ msgtype: "m.audio", "org.matrix.msc3245.voice": {} });
    const clip = await brings("video", video, { mimetype: "video/mp4", caption: "moving", seconds: 2 });
    expect(infoOf(clip)).toMatchObject({ w: 160, h: 120, thumbnail_file: { v: "v2" } });
    await client.openFile(infoOf(clip)["thumbnail_file"]);
    const loop = await brings("gif", video, { mimetype: "video/mp4", caption: "round", seconds: 2 });
    expect(infoOf(loop)).toMatchObject({ "fi.mau.gif": true });
    const mimetype = "application/octet-stream";
    await brings("file", pdf, { mimetype, caption: "for your files", name: "canary-9e.bin" });

    const recorded = { msgtype: "m.audio", body: "Voice message", "org.matrix.msc3245.voice": {} };
    await sends(voice, { ...recorded, info: { mimetype: "audio/ogg" } }, ({ kind }) => kind === "voice");
    const thumbnail_file = await client.sealFile(await picture("jpeg"));
    const film = { msgtype: "m.video", info: { mimetype: "video/mp4", w: 160, h: 120, thumbnail_file } };
    await sends(video, { ...film, body: "clip.mp4" }, ({ kind }) => kind === "video");
    const looping = { ...film, info: { ...film.info, "fi.mau.gif": true } };
    await sends(video, { ...looping, body: "loop.mp4" }, ({ kind }) => kind === "gif");
    const paper = { msgtype: "m.file", body: "report.pdf", info: { mimetype: "application/pdf" } };
    const filed = await sends(pdf, paper, ({ media }) => media?.name === "report.pdf");
    expect(filed.media?.sha256).toBe(sha256(pdf));
    const isSticker = ({ kind, width }: PhoneItem) => kind === "image" && width === 37;
    const sticker = { body: "wave", info: { mimetype: "image/png" } };
    await sends(await picture("png", 37, 30), sticker, isSticker, "m.sticker");
    const itemtypes = await Promise.all(
      [41, 43].map(async (width) => {
        const file = await client.sealFile(await picture("png", width, 30));
        return { itemtype: "m.image", body: `${width}.png`, file, info: { mimetype: "image/png" } };
      }),
    );
    await client.send(room, { msgtype: "m.gallery", body: "two", itemtypes });
    for (const width of [41, 43]) await phone.shows("one of two", (item) => item.width === width);
  });

  test("a file that is not what was encrypted is said to be so, and one that failed crosses by “retry”", async () => {
    const { client, phone, room, control } = chat();
    const [one, other] = [await client.sealFile(blob(1000)), await client.sealFile(blob(2000))];
    const content = { msgtype: "m.file", body: "false.bin", info: { mimetype: "application/octet-stream" } };
    const { url } = other as { readonly url: string };
    await client.send(room, { ...content, file: { ...one, url } });
    const isTold = ({ content: { body } }: CryptoEvent) =>
      /not the one that was encrypted/.test(String(body));
    expect(await client.shows("what became of it", isTold)).toMatchObject({ ...WELL, room });
    const names = async () => (await phone.inbox()).items.map(({ media }) => media?.name);
    expect(await names()).not.toContain("false.bin");

    const limited = (size: number) => ({ limits: { media: { file: { size, mimetypes: ["*/*"] } } } });
    await control.call("POST", "/networks/whatsapp", limited(500));
    const event = await client.send(room, { ...content, body: "later.bin", file: one });
    const isRefused = ({ content: { body } }: CryptoEvent) => /Not delivered.*1000 bytes/s.test(String(body));
    const refused = await client.shows("that it is too large", isRefused);
    expect(refused).toMatchObject({ ...WELL, relation: { "m.in_reply_to": { event_id: event } } });
    await control.call("POST", "/networks/whatsapp", limited(100 << 20));
    const reply = { "m.relates_to": { "m.in_reply_to": { event_id: refused.id } } };
    await client.send(room, { msgtype: "m.text", body: "retry", ...reply });
    const item = await phone.shows("the file", ({ media }) => media?.name === "later.bin");
    expect(item.media?.sha256).toBe(sha256(blob(1000)));
  });
}
