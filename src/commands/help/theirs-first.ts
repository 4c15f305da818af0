import type { UserId } from "../../core/model/ids.ts";
import type { Network } from "../../core/ports/network.ts";
import type { CommandContext } from "../command.ts";

/** The networks that are on for a person, which are most likely meant, and then the others. */
export async function theirsFirst(
  user: UserId,
  { networks, logins }: Pick<CommandContext, "networks" | "logins">,
): Promise<readonly Network[]> {
  const [on, off]: [Network[], Network[]] = [[], []];
  for (const network of networks.values()) {
    const isOn = (await logins.of(user, network.id)).some(({ state }) => state === "active");
    (isOn ? on : off).push(network);
  }
  return [...on, ...off];
}
