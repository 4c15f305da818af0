import { called } from "../../config/called.ts";
import { type ListenAddress, localUrl, shownListen } from "../../config/listen.ts";
import { quoted } from "../../config/quoted.ts";
import type { FoundHomeserver } from "../../matrix/discovery/discovery.ts";
import { titleOf } from "../../matrix/health/server-identity.ts";
import type { ForSynapse } from "./for-synapse.ts";

/** What `init` did, and what is left to do. */
export interface Report {
  readonly homeserver: FoundHomeserver;
  readonly folder: string;
  readonly files: {
    readonly config: string;
    readonly registration: string;
    readonly doublePuppetRegistration: string;
    readonly sandbox: string | undefined;
    readonly unit: string | undefined;
  };
  /** Each address the bridge or the sandbox will listen on, by what it is for. */
  readonly addresses: Readonly<Record<string, ListenAddress>>;
  /** How the homeserver reaches the bridge. */
  readonly url: string;
  readonly bot: string;
  readonly forSynapse: ForSynapse;
  /** What has to be done or known besides, in words. */
  readonly remarks: readonly string[];
  /** What is to be filled in: `config.yaml:9: networks.… is still the sample's.` */
  readonly toFillIn: readonly string[];
}

/** The homeserver as the end of a sentence. */
export function foundWords({ serverName, identity, url, how }: FoundHomeserver): string {
  const title = identity.name === undefined ? "a homeserver" : titleOf(identity);
  return `${serverName}, ${title} at ${url}, found ${how}`;
}

function startCommand({ files: { config, registration, sandbox } }: Report): string {
  const along = sandbox === undefined ? "" : ` --sandbox ${quoted(sandbox)}`;
  return `${called.start} -c ${quoted(config)} -r ${quoted(registration)}${along}`;
}

function doctorCommand({ files: { config, registration } }: Report): string {
  return `${called.bridge} doctor -c ${quoted(config)} -r ${quoted(registration)}`;
}

/** The commands of the next steps, in order. */
function nextSteps(report: Report): readonly { readonly words: string; readonly command: string }[] {
  const { files, addresses, forSynapse, bot } = report;
  const sandbox = addresses["sandbox"] && localUrl(addresses["sandbox"]);
  const start =
    files.unit === undefined
      ? { words: "Start the bridge", command: startCommand(report) }
      : {
          words: "Start the bridge, now and with the machine",
          command: `sudo systemctl enable --now ${quoted(files.unit)}`,
        };
  const check = `${called.bridge} check-config -c ${quoted(files.config)} -r ${quoted(files.registration)}`;
  const toFillIn = { words: "Fill in what is said above, and have it checked", command: check };
  const wim = {
    words: `Make somebody on WhatsApp to write to; ${sandbox}/phone/ shows their phone`,
    command: `curl -d '{"network": "whatsapp", "name": "Wim", "phone": "+31612345678"}' ${sandbox}/_sandbox/v1/people`,
  };
  const first = {
    words: `In your Matrix client start a chat with ${bot} and write these, one after the other`,
    command: "enable whatsapp\nyes\nstart-chat whatsapp +31612345678",
  };
  const hello = { words: `In your Matrix client start a chat with ${bot} and write`, command: "networks" };
  return [
    ...(report.toFillIn.length === 0 ? [] : [toFillIn]),
    {
      words: forSynapse.isGuess ? "Restart Synapse, by this or as you start it" : "Restart Synapse",
      command: forSynapse.restart,
    },
    start,
    ...(sandbox === undefined ? [hello] : [wim, first]),
  ];
}

/** For a person. */
export function reportWords(report: Report): string {
  const { homeserver, folder, files, addresses, url, forSynapse, remarks, toFillIn } = report;
  const steps: string[] = [];
  if (forSynapse.before.length > 0)
    steps.push(`Copy the registrations:\n\n${indented(forSynapse.before.join("\n"))}`);
  for (const { to, lines } of forSynapse.additions) {
    const list = lines.startsWith("app_service_config_files:\n")
      ? " If that list is there already, add the two lines to it."
      : "";
    steps.push(`Add to ${to}:${list}\n\n${indented(lines)}`);
  }
  for (const { words, command } of nextSteps(report)) steps.push(`${words}:\n\n${indented(command)}`);
  const wrote = Object.values(files).filter((file) => file !== undefined);
  const listens = Object.entries(addresses).map(([what, address]) => `  ${shownListen(address)}  ${what}`);
  return [
    `Your homeserver is ${foundWords(homeserver)}.`,
    `Wrote, in ${folder}:\n${wrote.map((file) => `  ${file}`).join("\n")}`,
    `The two registrations hold secrets: let only the bridge and Synapse read them.`,
    `It will listen on these addresses, which are free:\n${listens.join("\n")}\nSynapse reaches the bridge at ${url}.`,
    ...remarks,
    ...(toFillIn.length === 0
      ? []
      : [`Still to fill in:\n${toFillIn.map((line) => `  ${line}`).join("\n")}`]),
    `What is left to do:\n\n${steps.map((step, at) => `${at + 1}. ${step}`).join("\n\n")}`,
    `If something does not work, this says what: ${doctorCommand(report)}`,
  ].join("\n\n");
}

/** For a program; keys in snake case. */
export function reportJson(report: Report): string {
  const { homeserver, folder, files, addresses, url, bot, forSynapse, remarks, toFillIn } = report;
  return JSON.stringify({
    homeserver: {
      url: homeserver.url,
      server_name: homeserver.serverName,
      name: homeserver.identity.name ?? null,
      version: homeserver.identity.version ?? null,
    },
    folder,
    files: {
      config: files.config,
      registration: files.registration,
      double_puppet_registration: files.doublePuppetRegistration,
      sandbox: files.sandbox ?? null,
      unit: files.unit ?? null,
    },
    addresses: Object.fromEntries(
      Object.entries(addresses).map(([what, address]) => [what, shownListen(address)]),
    ),
    url,
    bot,
    before: forSynapse.before,
    additions: forSynapse.additions,
    restart: forSynapse.restart,
    start: startCommand(report),
    doctor: doctorCommand(report),
    next: nextSteps(report),
    remarks,
    to_fill_in: toFillIn,
  });
}

const indented = (text: string): string => text.trimEnd().replaceAll(/^(?=.)/gm, "   ");
