import type { Part } from "../../../core/model/content.ts";
import type { Outgoing } from "../../../core/model/events.ts";
import type { MessageId } from "../../../core/model/ids.ts";
import type { Media } from "../../../core/model/media.ts";
import type { OutgoingItem } from "../../../core/ports/network.ts";
import { readVcard } from "../convert/read-vcard.ts";
import { nameOfCard } from "../convert/write-vcard.ts";
import type { LoginContext } from "../login-context.ts";
import { cardsScope } from "../record-scopes.ts";
import { KEPT_FOR_RETRIES } from "./outgoing-files.ts";

/** Bytes of the largest file that is taken for somebody's card: pictures in it stay behind. */
const LARGEST = 1024 * 1024;
const TYPES: ReadonlySet<string> = new Set(["text/vcard", "text/x-vcard", "text/directory"]);
const UNTYPED = "application/octet-stream";

type Context = Pick<LoginContext, "store" | "login" | "clock">;
type Card = Extract<Part, { readonly kind: "contact" }>;

/**
 * A message that is one file with one person's card, as the contact that Signal has for it; others as they are. What was
 * read once is kept, so that a message is the same at each try. `open`: absent where only that counts. Throws BridgeError.
 */
export async function withCard(
  context: Context,
  id: MessageId,
  outgoing: Outgoing,
  open?: OutgoingItem["open"],
): Promise<Outgoing> {
  const media = outgoing.kind === "message" ? cardFile(outgoing.message.parts) : undefined;
  if (outgoing.kind !== "message" || !media) return outgoing;
  const { store, login, clock } = context;
  const kept = await store.records.get(cardsScope(login), id);
  const vcard = kept ?? (open && (await readCard(media, open)));
  if (vcard === undefined || vcard === "") return outgoing;
  if (kept === undefined)
    await store.write((tx) => tx.records.set(cardsScope(login), id, vcard, clock.now() + KEPT_FOR_RETRIES));
  const card: Card = { kind: "contact", name: nameOfCard(readVcard(vcard, media.name ?? "")), vcard };
  return { ...outgoing, message: { ...outgoing.message, parts: [card] } };
}

/** A card with words below it stays a file: Signal has contacts in messages of their own. */
function cardFile(parts: readonly Part[]): Media | undefined {
  const [part, ...others] = parts;
  if (part?.kind !== "media" || others.length > 0 || part.caption) return undefined;
  const { media } = part;
  const [type = ""] = media.mimetype.split(";");
  const isCard = TYPES.has(type) || (type === UNTYPED && /\.vcf$/i.test(media.name ?? ""));
  return isCard && media.source.at === "homeserver" && (media.size ?? 0) <= LARGEST ? media : undefined;
}

/** Undefined for what is no card, or that of several people. */
async function readCard({ source }: Media, open: OutgoingItem["open"]): Promise<string | undefined> {
  if (source.at !== "homeserver") return undefined;
  await using file = await open(source);
  if (file.size > LARGEST) return undefined;
  const chunks: Uint8Array[] = [];
  for await (const chunk of file.read()) chunks.push(chunk);
  const text = Buffer.concat(chunks).toString("utf8");
  const [card, another] = text.match(/^BEGIN:VCARD\s*$[^]*?^END:VCARD\s*$/gim) ?? [];
  return another === undefined ? card && withoutPictures(card) : undefined;
}

/** Without what Signal's contacts have no place for and what may be large. */
const withoutPictures = (card: string): string =>
  card.replaceAll(/^(?:PHOTO|LOGO|SOUND|KEY)\b.*(?:\r?\n[ \t].*)*\r?\n/gim, "");
