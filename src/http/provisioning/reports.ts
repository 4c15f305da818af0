import { z } from "zod";
import type { CommandScope } from "../../core/command-scope.ts";
import type { MessageId } from "../../core/model/ids.ts";
import { MOST_REPORTED } from "../../core/people/reports.ts";
import { contactId } from "./contact-settings.ts";
import { ownChat } from "./own-login.ts";
import { type Route, route } from "./route.ts";
import { byLogin } from "./shapes.ts";

type Scope = Pick<CommandScope, "logins" | "contacts" | "reports">;

/** Reporting a contact: what would be handed over, and handing it over. */
export function reportRoutes(scope: Scope): readonly Route[] {
  const about = {
    path: "/person/v1/contacts/{contact}/report",
    tag: "person",
    params: contactId,
    query: byLogin,
  } as const;
  return [
    route({
      ...about,
      method: "GET",
      id: "getReport",
      summary: "What a report of a contact would hand over; nothing is sent.",
      answer: z.object({
        network_name: z.string().describe("Who is given it"),
        messages: z
          .array(
            z.object({
              id: z.string(),
              at: z.number().int().describe("Milliseconds since the epoch"),
              text: z.string(),
            }),
          )
          .describe("The contact's last messages to the person, oldest first"),
        words: z.string().describe("A sentence for the person"),
      }),
      async handle(call) {
        const { network, chat } = await ownChat(call, call.params.contact, scope);
        const messages = await scope.reports.messages(chat.portal);
        const { name } = chat.ghost;
        const words =
          messages.length === 0
            ? `${network.name} is told who ${name} is and that you report them. There is no message of theirs here that could be handed over.`
            : `${network.name} is told that you report ${name}, and is given these messages of theirs, with the text.`;
        return { network_name: network.name, messages: messages.map((one) => ({ ...one })), words };
      },
    }),
    route({
      ...about,
      method: "POST",
      id: "report",
      summary: "Reports a contact to the network, with the messages that the person was shown.",
      body: z.object({
        messages: z
          .array(z.string().max(255))
          .max(MOST_REPORTED)
          .describe("The ids of what the person was shown; refused where that is something else by now"),
      }),
      answer: z.object({ handed_over: z.number().int().describe("Messages") }),
      refuses: [409, 502],
      async handle(call) {
        const { network, chat } = await ownChat(call, call.params.contact, scope);
        const shown = call.body.messages as MessageId[];
        return { handed_over: await scope.reports.reportShown({ network, portal: chat.portal }, shown) };
      },
    }),
  ];
}
