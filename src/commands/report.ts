import type { Command, CommandContext, CommandRequest } from "./command.ts";
import { contactNamed } from "./contact-named.ts";
import { counted } from "./counted.ts";
import { loginsNamed } from "./logins-named.ts";

/** The scope of the states of reports, by the event id of the command. */
const SCOPE = "reports";
const [BEGUN, DONE] = ["begun", "done"];
/** Milliseconds for which the state is kept; a command that was answered does not run again. */
const KEEP = 7 * 86_400_000;

async function run(request: CommandRequest, context: CommandContext): Promise<readonly string[]> {
  const { about, agreed } = await parseReport(request, context);
  if (typeof about === "string") return [about];
  const { network, chat, target } = about;
  const messages = await context.reports.messages(chat.portal);
  const { name } = chat.ghost;
  if (!agreed) {
    return [
      messages.length === 0
        ? `There is no message of ${name} here that could be handed over, so a report says only who they are and that you report them. ` +
          `Nothing was sent yet. Write “report ${target} yes” to report them like that, or “block ${target}” to keep them away.`
        : `To report ${name}, ${network.name} is given ${lastWords(messages.length)} to you, with the text. ` +
          `Nothing was sent yet. Write “report ${target} yes” to hand that over.`,
    ];
  }
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

const lastWords = (count: number): string =>
  count === 1 ? "their last message" : `their last ${count} messages`;

/** The contact that is meant, and whether the person agrees. A contact's own name may end in “yes”. */
async function parseReport(request: CommandRequest, context: CommandContext) {
  const rest = request.words.slice(1);
  const agrees = rest.length > 1 && rest.at(-1)?.toLowerCase() === "yes";
  const named = await loginsNamed(request, context);
  let isName = false;
  for (const login of agrees && typeof named !== "string" ? named.logins : [])
    isName ||=
      typeof named !== "string" &&
      (await context.contacts.called(login, named.network, rest.join(" "))).length > 0;
  const agreed = agrees && !isName;
  const words = agreed ? request.words.slice(0, -1) : request.words;
  return { about: await contactNamed({ ...request, words }, "report", context), agreed };
}

/** Stores the state before the report leaves and after the network took it, so that no restart reports twice. */
function setState({ store, clock }: CommandContext, { event }: CommandRequest, state: string): Promise<void> {
  return store.write((tx) => tx.records.set(SCOPE, event, state, clock.now() + KEEP));
}

export const report: Command = {
  name: "report",
  usage: "<network> <whom> [yes]",
  summary: "Reports a contact to the network; what is handed over is said first.",
  group: "contacts",
  topic: "report",
  run,
};
