import { z } from "zod";
import { HttpError } from "../../../src/sandbox/http/http-error.ts";
import { type DataMessage, settingsContent } from "../contents.ts";
import type { MessageRef, Person } from "../person.ts";
import { reinstall } from "../phone-identity.ts";
import { readQr } from "../read-qr.ts";
import type { SignalMock } from "../signal-mock.ts";
import { fieldsFrom } from "./field-json.ts";
import { doInGroup, groupAct } from "./group-verbs.ts";
import { messageId, type NewItem } from "./phone-item.ts";
import type { PhoneScreen } from "./phone-screen.ts";

const to = z.string().min(1);
const id = z.string().min(1).max(200);
const base = { to, id: id.optional() };
/** More fields of a message, as Signal's protobufs have them. */
const fields = z
  .record(z.string(), z.unknown())
  .transform((given) => fieldsFrom(given) as DataMessage)
  .optional();
/** Whether it is done on the phone of somebody whose account the bridge is linked to. */
const onPhone = z.literal(true).optional();

/** What a person does; every verb names whom it is for. */
const act = z.discriminatedUnion("verb", [
  z.strictObject({
    verb: z.literal("scans"),
    qr: z.string().min(1).optional(),
    /** The code as it is drawn, a PNG. */
    picture: z.base64().optional(),
  }),
  z.strictObject({
    verb: z.literal("says"),
    ...base,
    text: z.string(),
    target: id.optional(),
    fields,
    toNumber: z.literal(true).optional(),
  }),
  z.strictObject({
    verb: z.literal("sends"),
    ...base,
    as: z.enum(["image", "voice", "video", "gif", "file", "sticker"]),
    media: z.base64(),
    mimetype: z.string().min(1).max(255),
    name: z.string().max(1024).optional(),
    caption: z.string().optional(),
    /** Further files of the same message. */
    also: z
      .array(z.strictObject({ media: z.base64(), mimetype: z.string().min(1).max(255) }))
      .max(31)
      .default([]),
    seconds: z.int().nonnegative().optional(),
    waveform: z.array(z.int()).optional(),
    target: id.optional(),
    fields,
    onPhone,
  }),
  z.strictObject({ verb: z.literal("reacts"), ...base, target: id, emoji: z.string().max(64), onPhone }),
  z.strictObject({ verb: z.literal("edits"), ...base, target: id, text: z.string(), onPhone }),
  z.strictObject({ verb: z.literal("deletes"), ...base, target: id, onPhone }),
  z.strictObject({ verb: z.literal("types"), ...base, on: z.boolean(), voice: z.boolean().optional() }),
  z.strictObject({ verb: z.literal("reads"), ...base, target: id }),
  z.strictObject({ verb: z.literal("delivers"), ...base, target: id }),
  z.strictObject({ verb: z.literal("writesFromPhone"), ...base, text: z.string(), fields }),
  z.strictObject({ verb: z.literal("readsOnPhone"), ...base, target: id }),
  z.strictObject({ verb: z.literal("blocks"), ...base }),
  z.strictObject({ verb: z.literal("unblocks"), ...base }),
  z.strictObject({
    verb: z.literal("answersRequest"),
    ...base,
    answer: z.enum(["ACCEPT", "DELETE", "BLOCK"]),
  }),
  z.strictObject({ verb: z.literal("calls"), ...base }),
  z.strictObject({ verb: z.literal("postsStory"), ...base }),
  z.strictObject({ verb: z.literal("deletesForSelf"), ...base, target: id }),
  z.strictObject({ verb: z.literal("takesUsername"), username: z.string().min(1) }),
  z.strictObject({ verb: z.literal("chooses"), typing: z.boolean(), receipts: z.boolean() }),
  z.strictObject({ verb: z.literal("accepts"), ...base }),
  z.strictObject({ verb: z.literal("unlinks") }),
  z.strictObject({ verb: z.literal("reinstalls") }),
  z.strictObject({ verb: z.literal("changesNumber") }),
]);
type Act = z.output<typeof act>;

interface PlayedPhone {
  readonly mock: SignalMock;
  readonly screen: PhoneScreen;
}

/** Does what the body asks; answers the id of the message that it made. */
export async function perform(scene: PlayedPhone, body: unknown): Promise<{ readonly id: string }> {
  const inGroup = groupAct.safeParse(body);
  if (inGroup.success) {
    const { mock, screen } = scene;
    return { id: await doInGroup(mock, screen.person, (who) => known(mock, who), inGroup.data) };
  }
  const asked = act.safeParse(body);
  if (!asked.success) throw new HttpError(400, "malformed", z.prettifyError(asked.error));
  const done = await does(scene, asked.data);
  return { id: done ?? "" };
}

async function does(scene: PlayedPhone, asked: Act): Promise<string | undefined> {
  if ("to" in asked) return toward(scene, known(scene.mock, asked.to), asked);
  const { person } = scene.screen;
  switch (asked.verb) {
    case "scans":
      try {
        await person.scans(asked.qr ?? (await readQr(Buffer.from(asked.picture ?? "", "base64"))));
      } catch (cause) {
        throw new HttpError(409, "not-linked", cause instanceof Error ? cause.message : String(cause));
      }
      scene.screen.settingsChanged();
      return undefined;
    case "unlinks":
      for (const device of person.linkedDevices.slice()) await person.unlinks(device);
      scene.screen.settingsChanged();
      return undefined;
    case "changesNumber":
      await person.changesNumber();
      return undefined;
    case "reinstalls":
      await reinstall(scene.mock.server, person.phone);
      person.forgetsSessions();
      return undefined;
    case "chooses":
      await person.tellsDevices(settingsContent(asked.typing, asked.receipts));
      return undefined;
    case "takesUsername":
      await person.takesUsername(asked.username);
      return undefined;
  }
}

async function toward({ mock, screen }: PlayedPhone, other: Person, asked: Extract<Act, { to: string }>) {
  const { person } = screen;
  const target = (of: string): MessageRef => refOf(mock, screen, of);
  // A phone tells its linked devices of what it sends.
  const onPhone = ("onPhone" in asked && asked.onPhone === true) || person.linkedDevices.length > 0;
  /** Notes what the person did, under the name that they gave it. */
  const own = async (
    item: Omit<NewItem, "id" | "from" | "chat" | "at" | "own">,
    sent: Promise<{ readonly timestamp: number }>,
  ): Promise<string> => {
    const { timestamp } = await sent;
    const name = messageId(person.aci, timestamp);
    if (asked.id !== undefined) screen.alias(name, asked.id);
    screen.add({ ...item, id: name, own: true, from: person.aci, chat: other.aci, at: Date.now() });
    return asked.id ?? name;
  };
  switch (asked.verb) {
    case "says": {
      const { text, fields: data = {}, toNumber = false } = asked;
      if (asked.target === undefined && onPhone && !toNumber)
        return own({ kind: "text", text }, person.writesFromPhone(other, text, { data }));
      if (asked.target === undefined)
        return own({ kind: "text", text }, person.says(other, text, { data, toNumber, sealed: !toNumber }));
      const about = target(asked.target);
      const reply = onPhone
        ? person.repliesFromPhone(other, about, text, data)
        : person.replies(other, about, text, { data });
      return own({ kind: "text", text, target: asked.target }, reply);
    }
    case "sends": {
      const bytes = Buffer.from(asked.media, "base64");
      const { mimetype, name, caption } = asked;
      const flags = asked.as === "voice" ? 1 : asked.as === "gif" ? 8 : null;
      const file = { bytes, contentType: mimetype, pointer: { flags, fileName: name ?? null } };
      const data: DataMessage = { ...(caption === undefined ? {} : { body: caption }), ...asked.fields };
      const further = asked.also.map(({ media, mimetype: contentType }) => ({
        bytes: Buffer.from(media, "base64"),
        contentType,
      }));
      const send = onPhone ? "sendsFilesFromPhone" : "sendsFiles";
      const media = { sha256: "", size: bytes.length, mimetype, ...(name === undefined ? {} : { name }) };
      if (asked.as === "sticker")
        return own({ kind: "other", what: "sticker" }, person.sendsSticker(other, file));
      return own(
        { kind: asked.as, media, bytes, ...(caption === undefined ? {} : { caption }) },
        person[send](other, [file, ...further], { data }),
      );
    }
    case "reacts": {
      const ref = target(asked.target);
      const before = screen.items.findLast(
        (item) => item.own === true && item.kind === "reaction" && item.target === asked.target,
      );
      const remove = asked.emoji === "";
      const emoji = remove ? (before?.emoji ?? "") : asked.emoji;
      const react = onPhone ? "reactsFromPhone" : "reacts";
      return own(
        { kind: "reaction", target: asked.target, emoji: asked.emoji },
        person[react](other, ref, emoji, remove),
      );
    }
    case "edits": {
      const edit = onPhone ? "editsFromPhone" : "edits";
      return own(
        { kind: "edit", target: asked.target, text: asked.text },
        person[edit](other, target(asked.target).timestamp, asked.text),
      );
    }
    case "deletes": {
      const remove = onPhone ? "deletesFromPhone" : "deletes";
      return own(
        { kind: "delete", target: asked.target },
        person[remove](other, target(asked.target).timestamp),
      );
    }
    case "types":
      await person.types(other, asked.on);
      return undefined;
    case "reads":
      return own(
        { kind: "receipt", target: asked.target, receipt: "read" },
        person.reads(other, target(asked.target).timestamp),
      );
    case "delivers":
      await person.delivers(other, target(asked.target).timestamp);
      return undefined;
    case "writesFromPhone":
      return own(
        { kind: "text", text: asked.text },
        person.writesFromPhone(other, asked.text, { data: asked.fields ?? {} }),
      );
    case "readsOnPhone":
      return own(
        { kind: "receipt", target: asked.target, receipt: "read" },
        person.readsOnPhone(target(asked.target)),
      );
    case "accepts":
      await person.stores(other, { whitelisted: true });
      return undefined;
    case "blocks":
    case "unblocks":
      await person.blocks(other, asked.verb === "blocks");
      return undefined;
    case "answersRequest":
      await person.answersRequest(other, asked.answer);
      return undefined;
    case "calls":
      await person.calls(other);
      return undefined;
    case "postsStory":
      await person.postsStory(other);
      return undefined;
    case "deletesForSelf":
      await person.deletesForSelf(other, target(asked.target));
      return undefined;
  }
}

function known(mock: SignalMock, who: string): Person {
  const found = mock.people.find(({ aci, name, number }) => [aci, name, number].includes(who));
  if (found !== undefined) return found;
  throw new HttpError(404, "nobody", "The mock has nobody of this account, name or number.");
}

function refOf(mock: SignalMock, screen: PhoneScreen, id: string): MessageRef {
  const [author = "", digits = ""] = screen.named(id).split("/");
  const text = screen.items.find((item) => item.id === id)?.text;
  const timestamp = Number.parseInt(digits, 10);
  if (!Number.isSafeInteger(timestamp))
    throw new HttpError(404, "no-message", "No message of this id is on the phone.");
  return { author: known(mock, author), timestamp, ...(text === undefined ? {} : { text }) };
}
