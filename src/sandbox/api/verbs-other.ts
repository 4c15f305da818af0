import { z } from "zod";
import type { ImagePlaintext, Plaintext } from "../../networks/meta-interop/wire/plaintext-kinds.ts";
import { sealMedia } from "../state/media-crypto.ts";
import { callStanza, stanzaId } from "../state/outgoing-stanzas.ts";
import { namedChat } from "./named-chat.ts";
import { addressee, correspondent, type Verb, verb } from "./verb.ts";
import { send } from "./verbs-messages.ts";

const to = z.string().min(1);
const id = z.string().min(1).max(128).optional();

const other = z.strictObject({
  to,
  id,
  kind: z.enum([
    "location",
    "contact",
    "poll",
    "sticker",
    "status",
    "disappearing",
    "viewOnce",
    "unknown",
    "call",
  ]),
  latitude: z.number().min(-90).max(90).optional(),
  longitude: z.number().min(-180).max(180).optional(),
  name: z.string().optional(),
  address: z.string().optional(),
  phone: z.string().optional(),
  text: z.string().optional(),
  options: z.array(z.string()).optional(),
  seconds: z.int().nonnegative().optional(),
});
type Other = z.output<typeof other>;

/** One white pixel, for messages that must hold a picture. */
const pixel = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mP8/x8AAwMCAO+ip1sAAAAASUVORK5CYII=",
  "base64",
);

interface OtherMessage {
  readonly plaintext: Plaintext;
  /** The file that the message names, to be put on the media host. */
  readonly host?: { readonly id: string; readonly bytes: Uint8Array };
}

function picture(): { readonly image: ImagePlaintext; readonly host: { id: string; bytes: Uint8Array } } {
  const { file, hosted } = sealMedia("image", pixel);
  const host = { id: stanzaId().toLowerCase(), bytes: hosted };
  const media = { ...file, mimetype: "image/png", directPath: `/${host.id}` };
  return { image: { kind: "image", media, width: 1, height: 1 }, host };
}

/** Makes a message of each kind, with defaults for the fields that the caller left out. */
const otherMessages: { [K in Exclude<Other["kind"], "call">]: (said: Other) => OtherMessage } = {
  location: ({ latitude = 52.37, longitude = 4.89, name, address }) => ({
    plaintext: {
      kind: "location",
      latitude,
      longitude,
      live: false,
      ...(name === undefined ? {} : { name }),
      ...(address === undefined ? {} : { address }),
    },
  }),
  contact: ({ name = "Somebody", phone = "+31600000000" }) => ({
    plaintext: {
      kind: "contact",
      contacts: [{ name, vcard: `BEGIN:VCARD\nVERSION:3.0\nFN:${name}\nTEL;TYPE=CELL:${phone}\nEND:VCARD` }],
    },
  }),
  poll: ({ text = "Which day?", options = ["Monday", "Tuesday"] }) => ({
    plaintext: { kind: "poll", question: text, options, selectable: 1 },
  }),
  sticker: () => {
    const { image, host } = picture();
    return { plaintext: { kind: "sticker", media: image.media, animated: false }, host };
  },
  status: ({ text = "A status update" }) => ({ plaintext: { kind: "status", text } }),
  disappearing: ({ text = "Gone soon", seconds = 86_400 }) => ({
    plaintext: { kind: "disappearing", seconds, content: { kind: "text", text } },
  }),
  viewOnce: () => {
    const { image, host } = picture();
    return { plaintext: { kind: "viewOnce", content: image }, host };
  },
  unknown: () => ({ plaintext: { kind: "unknown" } }),
};

/** Verbs for messages other than text and files, for calls, and for reports to the gatekeeper. */
export const otherVerbs: Readonly<Record<string, Verb>> = {
  sendsOther: verb(other, async (context, said) => {
    const { person } = context;
    const { commits, mailbox, serverTime, wake, media } = person.parts;
    const messageId = said.id ?? stanzaId();
    if (said.kind === "call") {
      const account = correspondent(person, said.to);
      const { jid: from, name } = person.row;
      const stanza = callStanza({ account: account.id, id: messageId, from, name, at: serverTime() });
      await person.inLane(() => commits.commit(() => mailbox.post(stanza)));
      wake(account.id);
      return { id: messageId };
    }
    const { plaintext, host } = otherMessages[said.kind](said);
    const put = (): void => {
      if (host !== undefined) media.host(person.row.network, host.id, host.bytes);
    };
    return send(
      context,
      namedChat(context, said.to),
      messageId,
      plaintext,
      said.kind === "sticker" ? "media" : "text",
      put,
    );
  }),
  reports: verb(
    z.strictObject({ to, target: z.string().optional(), text: z.string().optional() }),
    async ({ person }, said) => {
      const { commits, reports } = person.parts;
      const account = addressee(person, said.to);
      const { network, jid } = person.row;
      const about = { network, from: person.id, jid, about: account.sub, direction: "to_bridge" };
      await commits.commit(() =>
        reports.add({ at: Date.now(), ...about, target: said.target, text: said.text }),
      );
      return {};
    },
  ),
};
