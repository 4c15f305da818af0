import type { Answer } from "../../core/management/answers.ts";
import { shortened } from "../../core/model/cut-text.ts";
import type { NetworkId } from "../../core/model/ids.ts";
import type { Network } from "../../core/ports/network.ts";
import type { Command, CommandContext, CommandRequest, Group } from "../command.ts";
import { suggestionWords } from "./suggestion-words.ts";
import { theirsFirst } from "./theirs-first.ts";
import { exampleOf } from "./usage.ts";

const TITLES: { readonly [G in Group]: string } = {
  networks: "Networks",
  chats: "Chats",
  rooms: "Rooms of chats",
  contacts: "Contacts",
  settings: "Settings",
  answers: "Here",
  administration: "For administrators",
};

/** What somebody needs first who has turned nothing on, and who has. */
const NEW: readonly Group[] = ["networks", "settings", "chats", "rooms", "contacts", "answers"];
const USUAL: readonly Group[] = ["chats", "rooms", "contacts", "settings", "networks", "answers"];

/** Commands that only make sense while something is asked. */
const WHILE_ASKED: ReadonlySet<string> = new Set(["yes", "no", "more", "answer", "cancel"]);

/** Help on the given commands and on itself. */
export function helpOn(others: readonly Command[]): Command {
  const help: Command = {
    name: "help",
    usage: "[command]",
    summary: "Shows what you can write, or how a command is used; “help all” shows everything.",
    example: "status",
    group: "answers",
    run: async (request, context) => {
      const word = request.words[0]?.toLowerCase().replace(/^[!/“"]+|[”"]+$/gu, "");
      const shown = await shownTo(request, context);
      const commands = [help, ...others].filter(
        ({ group }) => group !== "administration" || shown.isAdministrator,
      );
      if (word === undefined) return [shortHelp(commands, shown)];
      if (word === "all") return [allHelp(commands)];
      const command = [help, ...others].find(({ name }) => name === word);
      if (command) return [helpFor(command, others, shown.networks[0])];
      const network = context.networks.get(word as NetworkId);
      if (network) return [networkHelp(network)];
      return unknownHelp(word, commands, shown.networks);
    },
  };
  return help;
}

interface Shown {
  readonly isAdministrator: boolean;
  /** What the person is asked, in a sentence. */
  readonly asked: string | undefined;
  /** Those that are on for the person first. */
  readonly networks: readonly Network[];
  readonly isOn: boolean;
}

async function shownTo({ user }: CommandRequest, context: CommandContext): Promise<Shown> {
  const { logins, processes, dialogues, access } = context;
  const networks = await theirsFirst(user, context);
  const theirs = networks[0] ? await logins.of(user, networks[0].id) : [];
  const notice = (await processes.asked(user))?.network;
  return {
    isAdministrator: access.levelOf(user) === "admin",
    asked: dialogues.isAsking(user)
      ? "I am waiting for your answer: write it, or “cancel” to end that."
      : notice && `I have asked you about ${notice.name}: write “yes”, “no” or “more”.`,
    networks,
    isOn: theirs.some(({ state }) => state === "active"),
  };
}

function shortHelp(commands: readonly Command[], { isAdministrator, asked, networks, isOn }: Shown): string {
  const groups = [...(isOn ? USUAL : NEW), ...(isAdministrator ? (["administration"] as const) : [])];
  const lines = groups.map((group) => {
    const names = commands
      .filter((one) => one.group === group && one.partOf === undefined)
      .filter(({ name }) => asked !== undefined || !WHILE_ASKED.has(name))
      .map(({ name }) => `“${name}”`);
    return `• ${TITLES[group]}: ${names.join(", ")}`;
  });
  const [first] = networks;
  const begin =
    isOn || !first ? [] : [`To begin, write “enable ${first.id}”. Nothing is sent before you agreed.`];
  return [
    ...(asked === undefined ? begin : [asked]),
    "This is what you can write:",
    ...lines,
    `Write “help” and one of these to see how it is used, such as “help ${isOn ? "start-chat" : "enable"}”.`,
  ].join("\n");
}

const form = ({ name, usage }: Command): string => `“${[name, usage].join(" ").trim()}”`;

const allHelp = (commands: readonly Command[]): string =>
  [
    "This is what I understand:",
    ...commands.map((command) => `• ${form(command)}: ${command.summary}`),
    "To begin, write “networks”.",
  ].join("\n");

function helpFor(command: Command, others: readonly Command[], network: Network | undefined): string {
  const example = exampleOf(command, network);
  const parts = others.filter(({ partOf }) => partOf === command.name);
  const whole = others.find(({ name }) => name === command.partOf);
  return [
    `${form(command)}: ${command.summary}${command.group === "administration" ? " For administrators." : ""}`,
    ...(example === undefined || command.usage === "" ? [] : [`For example: “${example}”.`]),
    ...(parts.length === 0 ? [] : ["With it belong:"]),
    ...parts.map((part) => `• ${form(part)}: ${part.summary}`),
    ...(whole ? [`It belongs to “${whole.name}”: write “help ${whole.name}” for that.`] : []),
  ].join("\n");
}

function networkHelp({ id, name, addressing, example }: Network): string {
  const whom = example === undefined ? "" : `, such as “start-chat ${id} ${example}”`;
  return [
    `${name}:`,
    `• “enable ${id}” turns it on, “disable ${id}” turns it off again. Both say first what that means.`,
    `• “start-chat ${id} …” with ${addressing} opens a chat${whom}.`,
    `• “capabilities ${id}” shows what can be sent.`,
  ].join("\n");
}

function unknownHelp(
  word: string,
  commands: readonly Command[],
  networks: readonly Network[],
): readonly Answer[] {
  const suggestion = suggestionWords(word, "", { commands, networks });
  return suggestion
    ? [suggestion]
    : [`I have no command “${shortened(word, 40)}”. Write “help” to see what I can do.`];
}
