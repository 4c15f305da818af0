import type { EventId, RoomId } from "../model/ids.ts";
import { type Found, fileOf, type HomeserverFile, type Media, type MediaFile } from "../model/media.ts";
import { plainText } from "../model/rich-text.ts";
import {
  type EncodedEvent,
  type Homeserver,
  type MatrixEncoder,
  type Reply,
  TARGET,
} from "../ports/homeserver.ts";
import type { NewMatrixOutboxRow, RowTarget } from "../ports/rows.ts";
import type { OutboxRows } from "../runtime/outbox-rows.ts";

/** An answer of the bot: words, a picture, another file, or words that ask for an answer. */
export type Answer = string | Picture | Attached | Question;

export interface Question {
  /** With how each answer is written. */
  readonly words: string;
  readonly choices: readonly Choice[];
}

/** An answer to choose, which clients may show as a button; it writes a command. */
interface Choice extends Reply {
  /** The plain word, and the reactions, that choose it too. */
  readonly means?: "yes" | "no";
}

export const isQuestion = (answer: Answer): answer is Question =>
  typeof answer !== "string" && "choices" in answer;

/** A file for the person, with words about it. */
export interface Attached {
  readonly file: Pick<MediaFile, "size" | "read">;
  readonly mimetype: string;
  /** The file's name. */
  readonly name: string;
  readonly words: string;
}

/** The answer as text alone. */
export function wordsOf(answer: Answer): string {
  if (typeof answer === "string") return answer;
  return "words" in answer ? answer.words : answer.caption;
}

export interface Picture {
  readonly png: Uint8Array;
  /** Pixels. */
  readonly width: number;
  readonly height: number;
  /** The file's name. */
  readonly name: string;
  /** What the picture shows, in words. */
  readonly caption: string;
}

/** Makes the rows of the bot's messages in management rooms. */
export class Answers {
  readonly #homeserver: Homeserver;
  readonly #encoder: MatrixEncoder;
  readonly #outbox: OutboxRows;

  constructor(homeserver: Homeserver, encoder: MatrixEncoder, outbox: OutboxRows) {
    this.#homeserver = homeserver;
    this.#encoder = encoder;
    this.#outbox = outbox;
  }

  /** The rows of answers, in order; pictures are uploaded first. */
  async rows(room: RoomId, answers: readonly Answer[]): Promise<readonly NewMatrixOutboxRow[]> {
    const rows: NewMatrixOutboxRow[] = [];
    for (const answer of answers) {
      if (typeof answer === "string") rows.push(this.answer(room, answer));
      else if (isQuestion(answer)) rows.push(...this.#question(room, answer));
      else if ("file" in answer)
        rows.push(...(await this.#attached(room, answer)), this.answer(room, answer.words));
      else rows.push(...(await this.#picture(room, answer)));
    }
    return rows;
  }

  /** The row of an answer. */
  answer(room: RoomId, words: string): NewMatrixOutboxRow {
    return this.#row(room, this.#encoder.answer(words));
  }

  /** The row of a notice, which nobody asked for. */
  notice(room: RoomId, words: string): NewMatrixOutboxRow {
    return this.#row(room, this.#encoder.notice(words));
  }

  /** The row that redacts an event, or the event of another row. */
  removal(room: RoomId, of: EventId | RowTarget): NewMatrixOutboxRow {
    const { bot } = this.#homeserver;
    return typeof of === "string"
      ? this.#outbox.row(room, bot, this.#encoder.redaction(of))
      : this.#outbox.row(room, bot, this.#encoder.redaction(TARGET), { target: of });
  }

  /** The rows of a last notice and of the bot's leaving. */
  farewell(room: RoomId, words: string): readonly NewMatrixOutboxRow[] {
    const { bot } = this.#homeserver;
    const leave = { type: "m.room.member", content: { membership: "leave" } };
    return [this.notice(room, words), this.#outbox.row(room, bot, leave, { stateKey: bot })];
  }

  #row(room: RoomId, event: EncodedEvent): NewMatrixOutboxRow {
    return this.#outbox.row(room, this.#homeserver.bot, event);
  }

  /** The question, under which the bot reacts with what answers it. */
  #question(room: RoomId, { words, choices }: Question): readonly NewMatrixOutboxRow[] {
    const asks = this.#row(room, this.#encoder.answer(words, choices));
    const target = { kind: "row", id: asks.id } as const;
    const { bot } = this.#homeserver;
    const reactions = choices.flatMap(({ means }) => (means ? [means === "yes" ? "👍" : "👎"] : []));
    return [
      asks,
      ...reactions.map((emoji) =>
        this.#outbox.row(room, bot, this.#encoder.reaction(emoji, TARGET), { target }),
      ),
    ];
  }

  #picture(
    room: RoomId,
    { png, name, width, height, caption }: Picture,
  ): Promise<readonly NewMatrixOutboxRow[]> {
    const media = { kind: "image", mimetype: "image/png", name } as const;
    return this.#file(room, fileOf(png), {
      media,
      caption,
      found: { mimetype: media.mimetype, width, height },
    });
  }

  #attached(room: RoomId, { file, mimetype, name }: Attached): Promise<readonly NewMatrixOutboxRow[]> {
    return this.#file(room, file, {
      media: { kind: "file", mimetype, name },
      caption: "",
      found: { mimetype },
    });
  }

  async #file(
    room: RoomId,
    file: Pick<MediaFile, "size" | "read">,
    { media: about, caption, found }: { media: Omit<Media, "source">; caption: string; found: Found },
  ): Promise<readonly NewMatrixOutboxRow[]> {
    const { bot } = this.#homeserver;
    const uri = await this.#homeserver.reserveMedia(bot);
    const where = await this.#put(room, uri, file, about);
    const media: Media = { ...about, source: { at: "homeserver", ...where } };
    const part = {
      kind: "media",
      media,
      ...(caption === "" ? {} : { caption: plainText(caption) }),
    } as const;
    const at = { ...where, size: file.size };
    return this.#encoder.message({ parts: [part] }, undefined).map(({ type, content, media: attached }) => {
      return this.#row(room, {
        type,
        content: attached ? this.#encoder.attach(content, attached, at, found) : content,
      });
    });
  }

  /** Uploads a file as the room wants it: encrypted where the room is. */
  async #put(
    room: RoomId,
    uri: string,
    file: Pick<MediaFile, "size" | "read">,
    { mimetype, name }: Pick<Media, "mimetype" | "name">,
  ): Promise<HomeserverFile> {
    const homeserver = this.#homeserver;
    const { bot } = homeserver;
    if (await homeserver.encrypts({ room, type: "m.room.message", stateKey: undefined })) {
      const sealed = await homeserver.sealMedia(file);
      await homeserver.putMedia(bot, uri, sealed, "application/octet-stream");
      return { uri, key: sealed.key };
    }
    await homeserver.putMedia(bot, uri, file, mimetype, name);
    return { uri };
  }
}
