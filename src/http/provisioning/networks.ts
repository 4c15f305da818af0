import { z } from "zod";
import type { CommandScope } from "../../core/command-scope.ts";
import type { UserId } from "../../core/model/ids.ts";
import type { Network } from "../../core/ports/network.ts";
import type { Login } from "../../core/ports/rows.ts";
import { flowsOf } from "./flows.ts";
import { stateOf } from "./login-states.ts";
import { notFound } from "./refusal.ts";
import { type Route, route } from "./route.ts";
import { bridgeState, loginFlow, loginId } from "./shapes.ts";

type Scope = Pick<CommandScope, "logins" | "connections" | "store">;

const account = z
  .object({
    login_id: loginId,
    visible_id: z.string().describe("The person's address there, by which contacts may know them"),
    state: bridgeState,
    consent: z.object({
      version: z.number().int().describe("The notice they agreed to"),
      at: z.number().int().describe("Milliseconds since the epoch"),
      outdated: z.boolean().describe("There is a newer one; until they agree nothing they write is sent"),
    }),
    chats: z.number().int(),
    lost: z.number().int().describe("What could not cross in the last 30 days"),
  })
  .meta({ id: "Account" });

const networkCard = z
  .object({
    id: z.string(),
    name: z.string(),
    colour: z.string().describe("#rrggbb, dark enough for white letters"),
    addressing: z.string().describe("What finds people there, in words"),
    audience: z.string().optional().describe("Which of its people can be written with, where not all can"),
    own_app: z
      .boolean()
      .describe("An account is a device of one that the person uses in the network's own app too"),
    several: z.boolean().describe("A person may have several accounts there"),
    state: z.string().describe("How it is for the person, a sentence"),
    can_log_in: z.boolean(),
    login_flows: z.array(loginFlow),
    accounts: z.array(account),
  })
  .meta({ id: "Network" });

/** The networks there are, and how they are for a person. */
export function networkRoutes({ logins, connections, store }: Scope): readonly Route[] {
  return [
    route({
      method: "GET",
      path: "/person/v1/networks",
      id: "getNetworks",
      shown: "networks",
      summary: "The networks there are, and how each is for the person.",
      tag: "person",
      answer: z.object({ networks: z.array(networkCard) }),
      handle: async ({ caller: { user }, networks }) => ({
        networks: await Promise.all(networks.map((network) => card(user, network))),
      }),
    }),
    route({
      method: "GET",
      path: "/person/v1/logins/{login}/removal",
      id: "getRemoval",
      summary: "What goes, and what stays, when a login is turned off.",
      tag: "person",
      params: z.object({ login: loginId }),
      answer: z.object({
        chats: z.number().int().describe("Those that are closed; their history stays"),
        words: z.array(z.string()).describe("Sentences for the person"),
      }),
      async handle({ caller: { user }, networks, params }) {
        for (const network of networks) {
          const login = (await logins.of(user, network.id)).find(({ id }) => id === params.login);
          if (!login) continue;
          const chats = await openChats(login);
          return { chats, words: removalWords(network, login, chats) };
        }
        throw notFound("You have no such login.");
      },
    }),
  ];

  async function card(user: UserId, network: Network): Promise<z.input<typeof networkCard>> {
    const theirs = await logins.of(user, network.id);
    const accounts = await Promise.all(theirs.map((login) => accountOf(login, network)));
    return {
      id: network.id,
      name: network.name,
      colour: network.colour,
      addressing: network.addressing,
      ...(network.audience === undefined ? {} : { audience: network.audience }),
      own_app: network.ownApp === true,
      several: network.logins === "many",
      state: stateWords(network, accounts),
      can_log_in: await logins.mayBegin(user, network),
      login_flows: flowsOf([network]),
      accounts,
    };
  }

  async function accountOf(login: Login, network: Network): Promise<z.input<typeof account>> {
    const { consentVersion: version, consentAt: at } = login;
    return {
      login_id: login.id,
      visible_id: login.visibleId,
      state: stateOf(login, connections),
      consent: { version, at, outdated: version !== network.noticeVersion },
      chats: await openChats(login),
      lost: await store.deadLetters.count(login.id),
    };
  }

  async function openChats({ id }: Login): Promise<number> {
    return (await store.portals.ofLogin(id)).filter(({ state }) => state === "open").length;
  }
}

function stateWords({ name }: Network, accounts: readonly z.input<typeof account>[]): string {
  const [only, ...others] = accounts;
  if (!only) return `${name} is off.`;
  if (others.length > 0) return `${name} is on for ${accounts.length} accounts of yours.`;
  if (only.state.state_event === "CONNECTED") return `${name} is on and connected.`;
  if (only.state.state_event === "CONNECTING") return `${name} is on, and connecting.`;
  return `${name} is not connected. ${only.state.message ?? ""}`.trim();
}

function removalWords({ name, ownApp }: Network, { visibleId }: Login, chats: number): string[] {
  const closed =
    chats === 0
      ? []
      : [`${chats === 1 ? "One chat becomes" : `${chats} chats become`} read-only; their history stays.`];
  if (ownApp)
    return [
      `This bridge is removed from the linked devices of ${visibleId}, and its keys here are deleted. Your ${name} account stays as it is.`,
      ...closed,
      `Messages that wait to be sent are not sent. What contacts write to you is in ${name} on your phone, as before.`,
      `You can turn ${name} on again at any time; the chats come into new rooms then.`,
    ];
  return [
    `Your registration at ${name} as ${visibleId} is deleted there, and its keys here.`,
    ...closed,
    "Messages that wait to be sent are not sent, and contacts can write to you there no more.",
    `You can turn ${name} on again at any time; contacts' safety numbers are then others.`,
  ];
}
