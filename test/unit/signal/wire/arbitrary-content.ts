import fc from "fast-check";
import type {
  AttachmentPointer,
  BodyRange,
  Preview,
} from "../../../../src/networks/signal/wire/attachment.ts";
import type {
  ContactAddress,
  ContactCard,
  ContactValue,
  Quote,
  QuotedAttachment,
  Target,
} from "../../../../src/networks/signal/wire/data-message.ts";
import type { SendableBody, SendableContent } from "../../../../src/networks/signal/wire/encode-content.ts";
import type { SentMessage, SentPayload } from "../../../../src/networks/signal/wire/encode-data.ts";
import type { SendableSync } from "../../../../src/networks/signal/wire/encode-sync.ts";

const words = fc.string({ unit: "grapheme", minLength: 1 });
const bytes = (length: number) =>
  fc.uint8Array({ minLength: length, maxLength: length }).map((given) => new Uint8Array(given));
const count = fc.nat({ max: 0xffff_ffff });
const positive = fc.integer({ min: 1, max: 0xffff_ffff });
const time = fc.integer({ min: 1, max: 8.64e15 });
const flag = fc.boolean();
const few = <Value>(of: fc.Arbitrary<Value>) => fc.array(of, { maxLength: 3 });

const aci = fc.uuid();
const pni = fc.uuid().map((uuid) => `PNI:${uuid}`);
export const serviceId = fc.oneof(aci, pni);

/** A record whose second part may lack any of its keys. */
const record = <A, B>(
  needed: { [K in keyof A]: fc.Arbitrary<A[K]> },
  may: { [K in keyof B]: fc.Arbitrary<B[K]> },
) =>
  fc
    .tuple(fc.record(needed), fc.record(may, { requiredKeys: [], noNullPrototype: true }))
    .map(([one, other]) => ({ ...one, ...other }));

const target: fc.Arbitrary<Target> = fc.record({ author: aci, timestamp: time });

const attachment: fc.Arbitrary<AttachmentPointer> = record(
  { cdn: fc.constantFrom(0, 2, 3), size: count, voice: flag, gif: flag, borderless: flag },
  {
    cdnKey: words,
    key: bytes(64),
    digest: bytes(32),
    incrementalMac: bytes(32),
    chunkSize: positive,
    contentType: words,
    fileName: words,
    caption: words,
    blurHash: words,
    width: positive,
    height: positive,
    uploadedAt: time,
    clientUuid: bytes(16),
  },
);

const range: fc.Arbitrary<BodyRange> = fc.record({
  start: count,
  length: count,
  mark: fc.oneof(
    fc.record({
      style: fc.constantFrom("bold", "italic", "spoiler", "strikethrough", "monospace" as const),
    }),
    fc.record({ mention: aci }),
  ),
});

const preview: fc.Arbitrary<Preview> = record(
  { url: words },
  { title: words, description: words, image: attachment },
);

const quotedAttachment: fc.Arbitrary<QuotedAttachment> = record(
  {},
  { contentType: words, fileName: words, thumbnail: attachment },
);

const quote: fc.Arbitrary<Quote> = fc.record({
  target,
  text: fc.string(),
  ranges: few(range),
  attachments: few(quotedAttachment),
});

const value: fc.Arbitrary<ContactValue> = record(
  { value: words, type: fc.constantFrom("home", "mobile", "work", "custom" as const) },
  { label: words },
);
const address: fc.Arbitrary<ContactAddress> = record(
  { type: fc.constantFrom("home", "work", "custom" as const) },
  {
    label: words,
    street: words,
    pobox: words,
    neighborhood: words,
    city: words,
    region: words,
    postcode: words,
    country: words,
  },
);
const name: fc.Arbitrary<ContactCard["name"]> = record(
  {},
  { given: words, family: words, prefix: words, suffix: words, middle: words, nickname: words },
);
export const contact: fc.Arbitrary<ContactCard> = record(
  { name, phones: few(value), emails: few(value), addresses: few(address) },
  { organization: words },
);

const payload: fc.Arbitrary<SentPayload> = fc.oneof(
  record(
    {
      kind: fc.constant("message" as const),
      body: words,
      ranges: few(range),
      attachments: few(attachment),
      previews: few(preview),
    },
    { quote },
  ),
  record(
    {
      kind: fc.constant("contacts" as const),
      contacts: fc.array(contact, { minLength: 1, maxLength: 2 }),
    },
    { quote },
  ),
  fc.record({ kind: fc.constant("reaction" as const), emoji: words, remove: flag, target }),
  fc.record({ kind: fc.constant("delete" as const), target: time }),
  fc.record({ kind: fc.constantFrom("timer" as const, "profileKey" as const) }),
);

const data: fc.Arbitrary<SentMessage> = record(
  { timestamp: time, timer: fc.record({ seconds: count, version: count }), payload },
  { profileKey: bytes(32) },
);

const sent = record(
  {
    kind: fc.constant("sent" as const),
    timestamp: time,
    sent: fc.oneof(
      fc.record({ kind: fc.constant("data" as const), data }),
      fc.record({ kind: fc.constant("edit" as const), target: time, data }),
    ),
    recipientUpdate: flag,
    recipients: few(record({ person: serviceId, sealed: flag }, { pniIdentityKey: bytes(33) })),
  },
  { destination: serviceId, destinationNumber: words, expiresFrom: time },
);

const sync: fc.Arbitrary<SendableSync> = fc.oneof(
  sent,
  fc.record({
    kind: fc.constantFrom("read" as const, "viewed" as const),
    messages: fc.array(target, { minLength: 1, maxLength: 3 }),
  }),
  fc.record({
    kind: fc.constant("request" as const),
    request: fc.constantFrom("contacts", "blocked", "configuration", "keys" as const),
  }),
  fc.record({
    kind: fc.constant("fetchLatest" as const),
    what: fc.constantFrom("profile" as const, "storage" as const),
  }),
  fc.record({
    kind: fc.constant("verified" as const),
    person: aci,
    state: fc.constantFrom("default", "verified", "unverified" as const),
    identityKey: bytes(33),
  }),
  record(
    {
      kind: fc.constant("requestAnswered" as const),
      answer: fc.constantFrom("accept", "delete", "block", "blockAndDelete", "spam", "blockAndSpam" as const),
    },
    { person: serviceId, group: bytes(32) },
  ),
);

const body: fc.Arbitrary<SendableBody> = fc.oneof(
  fc.record({ kind: fc.constant("data" as const), data }),
  fc.record({ kind: fc.constant("edit" as const), target: time, data }),
  fc.record({ kind: fc.constant("sync" as const), sync }),
  fc.record({
    kind: fc.constant("receipt" as const),
    receipt: fc.constantFrom("delivery", "read", "viewed" as const),
    timestamps: few(time),
  }),
  record({ kind: fc.constant("typing" as const), typing: flag, at: time }, { group: bytes(32) }),
  fc.record({ kind: fc.constant("null" as const) }),
);

/** All that the bridge sends. */
export const content: fc.Arbitrary<SendableContent> = record(
  { body },
  { pniSignature: fc.record({ pni, signature: bytes(64) }) },
);
