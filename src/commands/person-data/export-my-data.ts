import type { Answer } from "../../core/management/answers.ts";
import { exportedData } from "../../core/people/person-data.ts";
import type { Command, CommandContext, CommandRequest } from "../command.ts";

async function run({ user }: CommandRequest, context: CommandContext): Promise<readonly Answer[]> {
  const { rows, file } = await exportedData(context, user);
  const words =
    `This is what I keep about you: ${rows} entries, by what they are. Messages themselves are in your rooms; here are ` +
    "their ids, and the words of what is still on its way. Keys are left out. Write “delete-my-data” to have all of it deleted.";
  return [{ file, mimetype: "application/json", name: "third-party-chats.json", words }];
}

export const exportMyData: Command = {
  name: "export-my-data",
  usage: "",
  summary: "Sends you a file with all that I keep about you.",
  group: "settings",
  run,
};
