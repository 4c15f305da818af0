import { type FoundHomeserver, findHomeserver, homeserverHere } from "../../matrix/discovery/discovery.ts";
import { networkIds } from "../../networks/registry.ts";
import { type SynapseProcess, synapseProcess } from "../synapse-process.ts";
import {
  type NetworksAnswer,
  type Permissions,
  readHomeserver,
  readNetworks,
  readSynapse,
  readUsers,
  readYesNo,
  type Topic,
  topics,
} from "./answers.ts";
import { nobodyToAsk, type Terminal } from "./question.ts";
import { foundWords } from "./report.ts";
import { played } from "./sandbox-config.ts";
import { type SynapseSide, synapseSide, usualSynapse } from "./synapse-side.ts";

/** What was said on the command line. */
export type Given = Readonly<Partial<Record<Topic, string>>>;

/** All that `init` has to know. */
export interface Gathered {
  readonly homeserver: FoundHomeserver;
  readonly permissions: Permissions;
  readonly networks: NetworksAnswer;
  readonly running: SynapseProcess | undefined;
  readonly side: SynapseSide;
  readonly unit: boolean;
}

/** Whom to ask what is not given: a person, nobody as the usual answers are good, or nobody at all. */
export type Asking = Terminal | "usual" | undefined;

/** Takes each answer from the command line, or asks for it. Throws BridgeError with words for one that cannot be used. */
export async function gather(given: Given, asking: Asking): Promise<Gathered> {
  const open = topics.filter((topic) => given[topic] === undefined);
  if (asking === undefined && open.length > 0) throw nobodyToAsk(open);
  const answer = async <Answer>(
    topic: Topic,
    words: string,
    usual: string | undefined,
    take: (text: string) => Promise<Answer> | Answer,
  ): Promise<Answer> => {
    const said = given[topic];
    if (said !== undefined) return take(said);
    if (asking === undefined || asking === "usual") {
      if (usual === undefined) throw nobodyToAsk([topic]);
      return take(usual);
    }
    return asking.ask({ topic, words, usual }, take);
  };

  const homeserver = await answer(
    "homeserver",
    "Your homeserver: its name, as in @you:example.org, or its address",
    given.homeserver === undefined ? await homeserverHere() : undefined,
    (text) => findHomeserver(readHomeserver(text)),
  );
  const { serverName } = homeserver;
  if (typeof asking === "object") asking.say(`That is ${foundWords(homeserver)}.`);
  const permissions = await answer(
    "users",
    `Who may use the bridge: Matrix ids, the first of them its administrator's, and “all” for everybody of ${serverName}`,
    "all",
    (text) => readUsers(text, serverName),
  );
  const networks = await answer(
    "networks",
    `Which networks: sandbox, which plays WhatsApp and Messenger on this machine to try them, or those you want of ${networkIds.join(", ")}; WhatsApp and Messenger take an agreement with Meta, and signal can stand beside sandbox`,
    "sandbox",
    (text) => readNetworks(text, networkIds, played),
  );
  const running = synapseProcess(homeserver);
  const side = await answer(
    "synapse",
    "How Synapse runs: the name of its user on this machine, or container, playbook or elsewhere",
    usualSynapse(running, homeserver.url),
    (text) => synapseSide(readSynapse(text), running),
  );
  const unit = await answer(
    "unit",
    "Write a systemd unit that starts the bridge with the machine, yes or no",
    "no",
    readYesNo,
  );
  return { homeserver, permissions, networks, running, side, unit };
}
