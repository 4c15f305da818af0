import { z } from "zod";
import type { CommandScope } from "../../core/command-scope.ts";
import type { Login } from "../../core/ports/rows.ts";
import { notFound } from "./refusal.ts";
import { type Route, route } from "./route.ts";
import { loginId } from "./shapes.ts";
import { loginsOf } from "./whoami.ts";

type Scope = Pick<CommandScope, "logins" | "networks">;

/** Turning networks off. */
export function logoutRoutes({ logins, networks: all }: Scope): readonly Route[] {
  return [
    route({
      method: "POST",
      path: "/v3/logout/{login}",
      id: "logout",
      summary: "Turns a login off, or “all” of them, and has the network delete the registration.",
      tag: "v3",
      params: z.object({ login: loginId }),
      answer: z.object({
        unconfirmed: z
          .array(loginId)
          .optional()
          .describe("Ours: off here, while the network has not confirmed it yet; it is asked until it does"),
      }),
      async handle({ caller: { user }, networks, params }) {
        const theirs = await loginsOf(user, networks, logins);
        const meant = params.login === "all" ? theirs : theirs.filter(({ id }) => id === params.login);
        if (meant.length === 0 && params.login !== "all") throw notFound("You have no such login.");
        const outcomes = await Promise.all(meant.map(off));
        const unconfirmed = outcomes.filter((id) => id !== undefined);
        return unconfirmed.length === 0 ? {} : { unconfirmed };
      },
    }),
  ];

  async function off(login: Login): Promise<string | undefined> {
    const network = all.get(login.network);
    if (!network) return undefined;
    return (await logins.disable(login, network)) === "done" ? undefined : login.id;
  }
}
