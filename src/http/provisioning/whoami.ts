import { z } from "zod";
import type { CommandScope } from "../../core/command-scope.ts";
import type { UserId } from "../../core/model/ids.ts";
import type { Network } from "../../core/ports/network.ts";
import type { Login } from "../../core/ports/rows.ts";
import { flowsOf } from "./flows.ts";
import { stateOf } from "./login-states.ts";
import { type Route, route } from "./route.ts";
import { bridgeState, loginFlow, loginId } from "./shapes.ts";

type Scope = Pick<CommandScope, "logins" | "connections" | "homeserver" | "store">;

const whoamiLogin = z
  .object({
    id: loginId,
    name: z.string().describe("What contacts see as the person's address"),
    network_id: z.string().describe("Ours: which network it is on"),
    state: bridgeState,
    state_event: bridgeState.shape.state_event,
    state_ts: z.number().int().describe("Seconds since the epoch"),
    profile: z.object({}),
  })
  .meta({ id: "WhoamiLogin" });

const whoami = z
  .object({
    network: z
      .object({
        displayname: z.string(),
        network_url: z.string(),
        network_icon: z.string(),
        network_id: z.string(),
        beeper_bridge_type: z.string(),
      })
      .meta({ id: "BridgeName" }),
    login_flows: z.array(loginFlow),
    homeserver: z.string(),
    bridge_bot: z.string(),
    command_prefix: z.string(),
    management_room: z.string().optional(),
    logins: z.array(whoamiLogin),
  })
  .meta({ id: "Whoami" });

const NAME = "Third-party chats";
const BRIDGE = "third-party-chats";

/** Who the person is here. */
export function whoamiRoutes({ logins, connections, homeserver, store }: Scope): readonly Route[] {
  const shown = (login: Login): z.input<typeof whoamiLogin> => {
    const state = stateOf(login, connections);
    return {
      id: login.id,
      name: login.visibleId,
      network_id: login.network,
      state,
      state_event: state.state_event,
      state_ts: Math.floor(state.timestamp / 1_000),
      profile: {},
    };
  };
  return [
    route({
      method: "GET",
      path: "/v3/whoami",
      id: "whoami",
      summary: "The bridge, its ways to log in, and the person's logins.",
      tag: "v3",
      answer: whoami,
      async handle({ caller: { user }, networks }) {
        const room = await store.rooms.of(user);
        const [only, ...others] = networks;
        const one = only !== undefined && others.length === 0 ? only : undefined;
        return {
          network: {
            displayname: one?.name ?? NAME,
            network_url: "",
            network_icon: "",
            network_id: one?.id ?? BRIDGE,
            beeper_bridge_type: BRIDGE,
          },
          login_flows: flowsOf(networks),
          homeserver: homeserver.serverName,
          bridge_bot: homeserver.bot,
          command_prefix: "",
          ...(room === undefined ? {} : { management_room: room }),
          logins: (await loginsOf(user, networks, logins)).map(shown),
        };
      },
    }),
    route({
      method: "GET",
      path: "/v3/logins",
      id: "getLoginIDs",
      summary: "The ids of the person's logins.",
      tag: "v3",
      answer: z.object({ login_ids: z.array(loginId) }),
      handle: async ({ caller: { user }, networks }) => ({
        login_ids: (await loginsOf(user, networks, logins)).map(({ id }) => id),
      }),
    }),
  ];
}

/** A person's logins on some networks, those that are being left included. */
export async function loginsOf(
  user: UserId,
  networks: readonly Network[],
  logins: CommandScope["logins"],
): Promise<readonly Login[]> {
  return (await Promise.all(networks.map(({ id }) => logins.of(user, id)))).flat();
}
