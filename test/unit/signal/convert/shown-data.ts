import type { ChatId, PersonId, UserId } from "../../../../src/core/model/ids.ts";
import { toBridge } from "../../../../src/networks/signal/convert/to-bridge.ts";
import { chatWith } from "../../../../src/networks/signal/ids.ts";
import { decodeContent } from "../../../../src/networks/signal/wire/decode-content.ts";
import { contentBytes } from "../wire/mock-protos.ts";

type Content = NonNullable<NonNullable<Parameters<typeof contentBytes>[0]["content"]>>;
export type Data = NonNullable<Extract<Content, { dataMessage?: unknown }>["dataMessage"]>;

export const ada = "aaaaaaaa-0000-4000-8000-000000000001" as PersonId;
export const own = "bbbbbbbb-0000-4000-8000-000000000002" as PersonId;
export const other = "cccccccc-0000-4000-8000-000000000003" as PersonId;
const at = 1_700_000_000_500;
export const time = 1_700_000_000_000;
const context = { own, user: "@me:example.org" as UserId, names: new Map([[ada, "Ada"]]) };
const place = { chat: chatWith(ada), author: ada, timestamp: time, at };
export const head = {
  chat: "aaaaaaaa-0000-4000-8000-000000000001" as ChatId,
  sender: ada,
  id: `${ada}/${time}`,
  at,
};

/** What another client's bytes are in the room: encoded by the mock, decoded and converted by us. */
export function shown(
  data: Data,
  {
    author = ada,
    edits,
    ...more
  }: { author?: PersonId; edits?: number; wholeText?: string; expiresFrom?: number } = {},
) {
  const dataMessage = { timestamp: BigInt(time), ...data };
  const editMessage = { targetSentTimestamp: BigInt(edits ?? 0), dataMessage };
  const { body } = decodeContent(
    contentBytes({ content: edits === undefined ? { dataMessage } : { editMessage } }),
  );
  if (body.kind !== "data" && body.kind !== "edit") throw new Error(body.kind);
  return toBridge({ ...place, author, expiresFrom: more.expiresFrom }, body, { ...context, ...more });
}

/** The parts of what is shown as a message. */
export function partsOf(...given: Parameters<typeof shown>) {
  const event = shown(...given);
  if (event?.kind !== "message") throw new Error(`it is ${event?.kind}`);
  return event.message.parts;
}

export const text = (words: string) => ({ kind: "text", style: "text", body: { text: words, spans: [] } });
export const file = {
  attachmentIdentifier: { cdnKey: "abc" },
  cdnNumber: 3,
  contentType: "image/jpeg",
  key: new Uint8Array(64).fill(1),
  digest: new Uint8Array(32).fill(2),
  size: 1000,
  width: 640,
  height: 480,
};
