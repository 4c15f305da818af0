import { z } from "zod";
import type { LoginFlow, NoticeWords } from "../../core/ports/login-flow.ts";

/** What several routes take or answer. Each name here is a schema of the description. */

const text = (most: number) => z.string().max(most);

export const loginId = text(200).describe("The id of a login, as whoami tells it");

export const empty = z.object({});

export const failure = z
  .object({
    errcode: z.string().describe("As the Matrix specification or mautrix's provisioning API name it"),
    error: z.string().describe("A sentence for the person: what is wrong, and what to do about it"),
    retry_after_ms: z.number().int().min(0).optional(),
  })
  .meta({ id: "Failure" });

const noticeWords = z.object({
  summary: z
    .array(z.string())
    .optional()
    .describe("At most three lines to show first, with the whole one act away; absent where that is short"),
  paragraphs: z.array(z.string()).describe("The whole, which is what is agreed to"),
  agreement: z.string().describe("What a yes says, to follow “Yes:”"),
});

export const notice = noticeWords.extend({
  version: z.number().int(),
  translations: z
    .record(z.string(), noticeWords)
    .optional()
    .describe("The same in other languages, by their codes, such as de"),
});

const noticeWordsOf = ({ summary, paragraphs, agreement }: NoticeWords): z.input<typeof noticeWords> => ({
  ...(summary === undefined ? {} : { summary: [...summary] }),
  paragraphs: [...paragraphs],
  agreement,
});

/** A notice as it is answered. */
export function noticeOf(shown: NonNullable<LoginFlow["notice"]>): z.input<typeof notice> {
  const { version, translations } = shown;
  if (!translations) return { version, ...noticeWordsOf(shown) };
  const others = Object.entries(translations).map(([code, words]) => [code, noticeWordsOf(words)] as const);
  return { version, ...noticeWordsOf(shown), translations: Object.fromEntries(others) };
}

export const loginFlow = z
  .object({
    id: z.string().describe("Its network and its own name, such as whatsapp.consent"),
    name: z.string(),
    description: z.string(),
    network_id: z.string().describe("Ours: the network it leads to"),
    notice: notice.optional().describe("Ours: what is to be agreed to first, where that is known before"),
  })
  .meta({ id: "LoginFlow" });

/** CONNECTING and the others are mautrix's words for the state of a login. */
export const bridgeState = z
  .object({
    state_event: z.enum([
      "CONNECTING",
      "CONNECTED",
      "TRANSIENT_DISCONNECT",
      "BAD_CREDENTIALS",
      "UNKNOWN_ERROR",
      "LOGGED_OUT",
    ]),
    timestamp: z.number().int().describe("Since when, in milliseconds since the epoch"),
    message: z.string().optional().describe("A sentence for the person"),
  })
  .meta({ id: "BridgeState" });

export const resolved = z
  .object({
    id: z.string().describe("The network's own id of the person; opaque"),
    name: z.string().optional(),
    avatar_url: z.string().optional(),
    identifiers: z.array(z.string()).optional(),
    mxid: z.string().optional(),
    dm_room_mxid: z.string().optional(),
    login_id: loginId.describe("Ours: by which of the person's logins"),
    network_id: z.string().describe("Ours"),
    reachability: z.object({ state: z.string(), words: z.string() }).describe("Ours"),
    contact: z
      .object({
        blocked: z.boolean(),
        muted: z.boolean().describe("The person is not invited again to the chat where they left it"),
        trust: z.enum(["unverified", "verified", "changed"]),
        quiet_until: z
          .number()
          .int()
          .optional()
          .describe(
            "Until when the chat notifies of nothing, in milliseconds since the epoch, the last day of 9999 for ever; absent where it does",
          ),
        request: z
          .boolean()
          .describe("They write for the first time and the person has not accepted or declined yet"),
        declined: z.boolean().describe("The person declined their first chat, and has not begun one since"),
        failed: z.number().int().describe("Messages that could not be delivered and can be sent again"),
        can: z
          .object({ block: z.boolean(), verify: z.boolean(), report: z.boolean(), quiet: z.boolean() })
          .describe("What is possible now"),
      })
      .optional()
      .describe("Ours: of somebody the person has a chat with"),
  })
  .meta({ id: "ResolvedIdentifier" });

/** Of whichever of the person's logins something is done by. */
export const byLogin = z.object({
  login_id: loginId.optional().describe("By which login; the first that is on if absent"),
});
