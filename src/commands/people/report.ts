import type { Answer, Question } from "../../core/management/answers.ts";
import type { Command, CommandContext, CommandRequest } from "../command.ts";
import type { NamedContact } from "../contact-named.ts";
import { counted } from "../counted.ts";
import { yesOrNo } from "../yes-or-no.ts";
import { decidedContact } from "./decided-contact.ts";

/** The scope of the states of reports, by the event id of the command. */
const SCOPE = "reports";
const [BEGUN, DONE] = ["begun", "done"];
/** Milliseconds for which the state is kept; a command that was answered does not run again. */
const KEEP = 7 * 86_400_000;

async function run(request: CommandRequest, context: CommandContext): Promise<readonly Answer[]> {
  const { about, decision } = await decidedContact(request, "report", context);
  if (typeof about === "string") return [about];
  const { network, chat, target } = about;
  const messages = await context.reports.messages(chat.portal);
  const { name } = chat.ghost;
  if (decision === "no") return [`Nothing was handed over to ${network.name}.`];
  if (decision === undefined) return [question(name, about, messages.length)];
  if (!context.reports.can(chat.portal))
    return [`${network.name} is not connected. Write “status” to see why, and try again.`];
  const before = await context.store.records.get(SCOPE, request.event);
  if (before === BEGUN) {
    return [
      `The bridge was restarted while it reported ${name}, so it is not known whether ${network.name} has the report. ` +
        `Write “report ${target} yes” to hand it over once more.`,
    ];
  }
  if (before === undefined) {
    await setState(context, request, BEGUN);
    await context.reports.report({ network, portal: chat.portal }, messages);
    await setState(context, request, DONE);
  }
  return [
    `${name} was reported to ${network.name}, with ${counted(messages.length, "message")}. Write “block ${target}” to keep them away.`,
  ];
}

/** Asks, with what is handed over. */
const question = (name: string, { network, target }: NamedContact, messages: number): Question =>
  yesOrNo(
    messages === 0
      ? `There is no message of ${name} here that could be handed over, so a report says only who they are and that you report them. ` +
          `Nothing was sent yet. Write “report ${target} yes” to report them like that, or “block ${target}” to keep them away.`
      : `To report ${name}, ${network.name} is given ${lastWords(messages)} to you, with the text. ` +
          `Nothing was sent yet. Write “report ${target} yes” to hand that over.`,
    `report ${target}`,
  );

const lastWords = (count: number): string =>
  count === 1 ? "their last message" : `their last ${count} messages`;

/** Stores the state before the report leaves and after the network took it, so that no restart reports twice. */
function setState({ store, clock }: CommandContext, { event }: CommandRequest, state: string): Promise<void> {
  return store.write((tx) => tx.records.set(SCOPE, event, state, clock.now() + KEEP));
}

export const report: Command = {
  name: "report",
  usage: "<network> <whom> [yes|no]",
  summary: "Reports a contact to the network; what is handed over is said first.",
  group: "contacts",
  topic: "report",
  run,
};
