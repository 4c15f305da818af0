import type { Answer } from "../../core/management/answers.ts";
import { shortened } from "../../core/model/cut-text.ts";
import type { LoginFlow } from "../../core/ports/login-flow.ts";
import type { Network } from "../../core/ports/network.ts";
import type { Command, CommandContext, CommandRequest } from "../command.ts";
import { networkNamed } from "../command.ts";

async function run({ user, words }: CommandRequest, context: CommandContext): Promise<readonly Answer[]> {
  const network = networkNamed(words[0], context);
  if (typeof network === "string") return [network];
  if (!(await context.logins.mayBegin(user, network))) {
    return [`${network.name} is on already. Write “start-chat ${network.id} …” with ${network.addressing}.`];
  }
  const flow = flowNamed(words[1], network);
  return typeof flow === "string" ? [flow] : context.dialogues.begin(user, network, flow);
}

/** The login flow that a person named, or the sentence that says which there are. */
function flowNamed(word: string | undefined, { id, name, flows }: Network): LoginFlow | string {
  const [only, ...others] = flows;
  if (only && others.length === 0) return only;
  const flow = flows.find((one) => one.id === word?.toLowerCase());
  if (flow) return flow;
  const ways = flows.map((one) => `• “enable ${id} ${one.id}” to ${one.name}`);
  const unknown = word === undefined ? "" : `There is no way “${shortened(word, 40)}” to do that. `;
  return [`${unknown}There are several ways to turn ${name} on. Write one of these:`, ...ways].join("\n");
}

export const enable: Command = {
  name: "enable",
  usage: "<network>",
  summary: "Turns a network on for you, after you read what that means.",
  group: "networks",
  topic: "login",
  run,
};
