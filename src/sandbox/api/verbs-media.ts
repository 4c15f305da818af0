import { randomBytes } from "node:crypto";
import { z } from "zod";
import type { MediaFile, Plaintext, Quoted } from "../../networks/meta-interop/wire/plaintext-kinds.ts";
import { HttpError } from "../http/http-error.ts";
import { imageSize } from "../phone/image-size.ts";
import { keepOwnFile } from "../phone/own-item.ts";
import { type MediaKind, sealMedia } from "../state/media-crypto.ts";
import { stanzaId } from "../state/outgoing-stanzas.ts";
import { namedChat } from "./named-chat.ts";
import { type Verb, verb } from "./verb.ts";
import { quote, send } from "./verbs-messages.ts";

const fields = z.strictObject({
  to: z.string().min(1),
  id: z.string().min(1).max(128).optional(),
  as: z.enum(["image", "voice", "video", "gif", "file"]),
  media: z.base64(),
  mimetype: z.string().min(1).max(255),
  name: z.string().max(1024).optional(),
  caption: z.string().optional(),
  seconds: z.int().nonnegative().optional(),
  waveform: z.array(z.int().min(0).max(100)).max(256).optional(),
  target: z.string().min(1).max(128).optional(),
});
type Fields = z.output<typeof fields>;

const kinds: Record<Fields["as"], MediaKind> = {
  image: "image",
  voice: "audio",
  video: "video",
  gif: "video",
  file: "document",
};

const given = <T extends object>(of: T): { [K in keyof T]?: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(of).filter(([, value]) => value !== undefined)) as never;

function plaintextOf(
  wanted: Fields,
  media: MediaFile,
  plain: Uint8Array,
  quoted: Quoted | undefined,
): Plaintext {
  const { caption, seconds, name, waveform } = wanted;
  const answer = given({ quoted });
  switch (wanted.as) {
    case "image":
      return { kind: "image", media, ...given({ caption }), ...imageSize(plain), ...answer };
    case "voice": {
      const loudness = waveform === undefined ? {} : { waveform: Uint8Array.from(waveform) };
      return { kind: "audio", media, voice: true, ...given({ seconds }), ...loudness, ...answer };
    }
    case "video":
    case "gif":
      return { kind: "video", media, gif: wanted.as === "gif", ...given({ caption, seconds }), ...answer };
    case "file":
      return { kind: "document", media, ...given({ caption, fileName: name }), ...answer };
  }
}

/** `sends` encrypts a file, puts it on the gatekeeper's media host and sends its message. */
export const mediaVerbs: Readonly<Record<string, Verb>> = {
  sends: verb(fields, async (context, wanted) => {
    const { person } = context;
    const chat = namedChat(context, wanted.to);
    const plain = Buffer.from(wanted.media, "base64");
    const most = person.parts.states.of(person.row.network).limits.media[wanted.as]?.size;
    if (most !== undefined && plain.length > most) {
      throw new HttpError(
        409,
        "too-large",
        `A phone does not send a ${wanted.as} of more than ${most} bytes.`,
      );
    }
    const { file, hosted } = sealMedia(kinds[wanted.as], plain);
    const hostedId = randomBytes(16).toString("hex");
    const media: MediaFile = {
      ...file,
      mimetype: wanted.mimetype,
      directPath: `/${hostedId}`,
      mediaKeyTimestamp: Math.floor(Date.now() / 1000),
    };
    const quoted = wanted.target === undefined ? undefined : quote(context, chat, wanted.target);
    const plaintext = plaintextOf(wanted, media, plain, quoted);
    const id = wanted.id ?? stanzaId();
    const host = (): void => {
      person.parts.media.host(person.row.network, hostedId, hosted);
      for (const one of [person, ...chat.readers()]) keepOwnFile(one, chat, id, plaintext, plain);
    };
    return send(context, chat, id, plaintext, "media", host);
  }),
};
