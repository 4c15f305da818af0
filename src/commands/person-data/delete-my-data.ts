import type { Answer } from "../../core/management/answers.ts";
import type { Command, CommandContext, CommandRequest } from "../command.ts";
import { yesOrNo } from "../yes-or-no.ts";

async function run({ user, words }: CommandRequest, context: CommandContext): Promise<readonly Answer[]> {
  const decision = words[0]?.toLowerCase();
  if (decision === "no") return ["Nothing was deleted. Write “export-my-data” to see what I keep about you."];
  if (decision !== "yes") return [await question(user, context)];
  await context.dialogues.cancel(user);
  const unconfirmed = await context.erasures.begin(user);
  return [
    unconfirmed.length === 0
      ? "Your networks are off and your chats are closed. In a few seconds all that I keep about you is deleted, this room included: I forget it is yours. You can leave it, and the chats, whose history stays with you."
      : `Your networks are off and your chats are closed. ${unconfirmed.join(" and ")} did not confirm yet that this bridge's registration for you is deleted, so I keep your account's id there, ask until it does, and then delete all that I keep about you.`,
  ];
}

async function question(user: CommandRequest["user"], { store, networks }: CommandContext): Promise<Answer> {
  const theirs = (await store.logins.all()).filter((login) => login.user === user);
  const names = [...new Set(theirs.map(({ network }) => networks.get(network)?.name ?? network))];
  const off =
    names.length === 0
      ? ""
      : `${names.join(" and ")} is turned off for you, and this bridge's registration for you there deleted. `;
  return yesOrNo(
    `Delete all that I keep about you? ${off}Your chats become read-only; what is in them stays. ` +
      "Files that contacts have not fetched, your choices, and what I know of your contacts go. It cannot be taken back. " +
      "Write “delete-my-data yes” to have it deleted, or “no” to keep it.",
    "delete-my-data",
  );
}

export const deleteMyData: Command = {
  name: "delete-my-data",
  usage: "[yes|no]",
  summary: "Deletes all that I keep about you, and turns your networks off; asks first.",
  group: "settings",
  topic: "login",
  run,
};
