import type { EventId, RoomId } from "../model/ids.ts";
import { fileOf, type Media } from "../model/media.ts";
import { plainText } from "../model/rich-text.ts";
import { type EncodedEvent, type Homeserver, type MatrixEncoder, TARGET } from "../ports/homeserver.ts";
import type { NewMatrixOutboxRow, RowTarget } from "../ports/rows.ts";
import type { Outbox } from "../runtime/outbox-rows.ts";

/** Words, or a picture to look at. */
export type Answer = string | Picture;

export interface Picture {
  readonly png: Uint8Array;
  /** Pixels. */
  readonly width: number;
  readonly height: number;
  /** The file's. */
  readonly name: string;
  /** What is to be seen, for who cannot see it. */
  readonly caption: string;
}

/** Makes what the bot says in management rooms. */
export class Answers {
  readonly #homeserver: Homeserver;
  readonly #encoder: MatrixEncoder;
  readonly #outbox: Outbox;

  constructor(homeserver: Homeserver, encoder: MatrixEncoder, outbox: Outbox) {
    this.#homeserver = homeserver;
    this.#encoder = encoder;
    this.#outbox = outbox;
  }

  /** Rows for a room, in order; a picture is at the homeserver by then. */
  async rows(room: RoomId, answers: readonly Answer[]): Promise<readonly NewMatrixOutboxRow[]> {
    const rows: NewMatrixOutboxRow[] = [];
    for (const answer of answers) {
      if (typeof answer === "string") rows.push(this.answer(room, answer));
      else rows.push(...(await this.#picture(room, answer)));
    }
    return rows;
  }

  /** What is said to somebody who asked. */
  answer(room: RoomId, words: string): NewMatrixOutboxRow {
    return this.#row(room, this.#encoder.answer(words));
  }

  /** What is said unasked. */
  notice(room: RoomId, words: string): NewMatrixOutboxRow {
    return this.#row(room, this.#encoder.notice(words));
  }

  /** Takes an event out of a room, or what a row of the bot's makes there. */
  removal(room: RoomId, of: EventId | RowTarget): NewMatrixOutboxRow {
    const { bot } = this.#homeserver;
    return typeof of === "string"
      ? this.#outbox.row(room, bot, this.#encoder.redaction(of))
      : this.#outbox.row(room, bot, this.#encoder.redaction(TARGET), { target: of });
  }

  /** The last words in a room, and the bot's leaving behind them. */
  farewell(room: RoomId, words: string): readonly NewMatrixOutboxRow[] {
    const { bot } = this.#homeserver;
    const leave = { type: "m.room.member", content: { membership: "leave" } };
    return [this.notice(room, words), this.#outbox.row(room, bot, leave, { stateKey: bot })];
  }

  #row(room: RoomId, event: EncodedEvent): NewMatrixOutboxRow {
    return this.#outbox.row(room, this.#homeserver.bot, event);
  }

  async #picture(room: RoomId, picture: Picture): Promise<readonly NewMatrixOutboxRow[]> {
    const { png, name, width, height, caption } = picture;
    const { bot } = this.#homeserver;
    const uri = await this.#homeserver.reserveMedia(bot);
    const mimetype = "image/png";
    await this.#homeserver.putMedia(bot, uri, fileOf(png), mimetype, name);
    const media: Media = { kind: "image", mimetype, name, source: { at: "homeserver", uri } };
    const part = { kind: "media", media, caption: plainText(caption) } as const;
    const at = { uri, size: png.length };
    return this.#encoder.message({ parts: [part] }, undefined).map(({ type, content, media: file }) => {
      const found = { mimetype, width, height };
      return this.#row(room, {
        type,
        content: file ? this.#encoder.attach(content, file, at, found) : content,
      });
    });
  }
}
