import { shortened } from "../../core/model/cut-text.ts";
import type { NetworkId } from "../../core/model/ids.ts";
import type { Command, CommandContext, CommandRequest } from "../command.ts";
import { counted } from "../counted.ts";
import { forAdministrators } from "./for-administrators.ts";

async function run(
  { words: [typed] }: CommandRequest,
  { administration, networks }: CommandContext,
): Promise<readonly string[]> {
  const ids = Array.from(networks.keys(), (id) => `“reconnect ${id}”`);
  const how = `Write “reconnect all”, ${[...ids, "“reconnect” and a login as “logins” shows it"].join(" or ")}.`;
  if (typed === undefined) return [`Which connections? ${how}`];
  const which = typed.toLowerCase();
  const all = (await administration.logins()).map(({ login }) => login);
  const meant = all.filter(
    ({ id, network }) => which === "all" || network === which || id.toLowerCase() === which,
  );
  if (meant.length === 0) {
    return [
      which === "all" || networks.has(which as NetworkId)
        ? "Nobody has turned it on, so there is nothing to connect."
        : `There is no login and no network “${shortened(typed, 40)}”. ${how}`,
    ];
  }
  const begun = await administration.reconnect(meant.map(({ id }) => id));
  const left = meant.length - begun.length;
  const others =
    left === 0
      ? ""
      : ` ${counted(left, "login")} cannot: turned off, or of a network that is not configured.`;
  return [
    `${counted(begun.length, "login")} ${begun.length === 1 ? "is" : "are"} being connected anew.${others} Write “logins” to see how it goes.`,
  ];
}

export const reconnect: Command = forAdministrators({
  name: "reconnect",
  usage: "<login>|<network>|all",
  summary: "Ends connections and starts them anew at once.",
  run,
});
