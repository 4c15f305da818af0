import { z } from "zod";
import { setMuted } from "../../core/chats/mutes.ts";
import type { CommandScope } from "../../core/command-scope.ts";
import { ownChat } from "./own-login.ts";
import { notFound } from "./refusal.ts";
import { type Route, route } from "./route.ts";
import { byLogin, empty } from "./shapes.ts";

type Scope = Pick<
  CommandScope,
  "logins" | "contacts" | "contactActs" | "requests" | "quiet" | "chatStarter" | "store" | "tools"
>;

export const contactId = z.object({
  contact: z.string().max(255).describe("The id or the Matrix id of a contact, as contacts tells it"),
});

/** What a person chooses about one contact. */
export function contactSettingRoutes(scope: Scope): readonly Route[] {
  const { contactActs, requests, quiet, chatStarter, store, tools } = scope;
  const about = { tag: "person", params: contactId, query: byLogin, refuses: [502] } as const;
  return [
    route({
      ...about,
      method: "PUT",
      path: "/person/v1/contacts/{contact}/blocked",
      id: "setBlocked",
      summary: "Blocks a contact at the network, or lifts that.",
      body: z.object({ blocked: z.boolean() }),
      answer: empty,
      async handle(call) {
        const { network, chat } = await ownChat(call, call.params.contact, scope);
        await contactActs.setBlocked({ network, portal: chat.portal }, call.body.blocked);
        return {};
      },
    }),
    route({
      ...about,
      method: "PUT",
      path: "/person/v1/contacts/{contact}/muted",
      id: "setMuted",
      summary: "Does not invite the person again to a chat they left, or does.",
      body: z.object({ muted: z.boolean() }),
      answer: empty,
      async handle(call) {
        const { chat } = await ownChat(call, call.params.contact, scope);
        await setMuted(store, chat.portal, call.body.muted);
        return {};
      },
    }),
    route({
      ...about,
      method: "PUT",
      path: "/person/v1/contacts/{contact}/quiet",
      id: "setQuiet",
      summary: "Has the chat notify of nothing for some hours, or again.",
      body: z.object({
        hours: z.number().int().min(1).max(8736).nullable().describe("Null ends it"),
      }),
      answer: empty,
      async handle(call) {
        const { login, chat } = await ownChat(call, call.params.contact, scope);
        const { hours } = call.body;
        await quiet.set(chat.portal, login.user, hours === null ? undefined : hours * 3_600_000);
        return {};
      },
    }),
    route({
      ...about,
      method: "PUT",
      path: "/person/v1/contacts/{contact}/request",
      id: "answerRequest",
      summary: "Accepts or declines the chat of somebody who writes for the first time.",
      body: z.object({ answer: z.enum(["accept", "decline"]) }),
      answer: empty,
      async handle(call) {
        const { login, network, chat } = await ownChat(call, call.params.contact, scope);
        if (call.body.answer === "decline") await requests.decline(chat.portal, login.user);
        else {
          await requests.accept(chat.portal);
          await setMuted(store, chat.portal, false);
          await chatStarter.openAgain(login, network, chat.portal);
        }
        return {};
      },
    }),
    route({
      ...about,
      method: "GET",
      path: "/person/v1/contacts/{contact}/safety_number",
      id: "getSafetyNumber",
      summary: "The number that two people compare.",
      answer: z.object({
        digits: z.string().describe("To be shown in groups of five"),
        scannable: z.string().describe("What the code for the contact's phone says, in base64"),
        picture: z.string().describe("That code as a PNG, in base64"),
        trust: z.enum(["unverified", "verified", "changed"]),
      }),
      async handle(call) {
        const { network, chat } = await ownChat(call, call.params.contact, scope);
        const number = await contactActs.safetyNumber({ network, portal: chat.portal });
        if (!number) throw notFound("There is no safety number yet: it is there after the first message.");
        const scannable = Buffer.from(number.scannable).toString("base64");
        const picture = Buffer.from((await tools.qrCode(number.scannable)).png).toString("base64");
        return { digits: number.digits, scannable, picture, trust: chat.contact?.trust ?? "unverified" };
      },
    }),
    route({
      ...about,
      method: "PUT",
      path: "/person/v1/contacts/{contact}/trust",
      id: "setTrust",
      summary: "Notes that the person compared the safety number, or takes that back.",
      body: z.discriminatedUnion("trust", [
        z.object({
          trust: z.literal("verified"),
          digits: z
            .string()
            .max(100)
            .describe("Those that were compared; refused where they are others by now"),
        }),
        z.object({ trust: z.literal("unverified") }),
      ]),
      answer: empty,
      refuses: [409, 502],
      async handle(call) {
        const { network, chat } = await ownChat(call, call.params.contact, scope);
        const { body } = call;
        const compared = body.trust === "verified" ? body.digits : undefined;
        await contactActs.setTrust({ network, portal: chat.portal }, body.trust, compared);
        return {};
      },
    }),
  ];
}
