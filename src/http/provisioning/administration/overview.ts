import { z } from "zod";
import type { CommandScope } from "../../../core/command-scope.ts";
import { stateOf } from "../login-states.ts";
import { type Route, route } from "../route.ts";
import { bridgeState, loginId } from "../shapes.ts";

type Scope = Pick<CommandScope, "administration" | "connections">;

const MOST_LETTERS = 100;

/** What an administrator looks at: ids, counts and reasons, and nothing that anybody wrote. */
export function overviewRoutes({ administration, connections }: Scope): readonly Route[] {
  return [
    route({
      method: "GET",
      path: "/admin/v1/logins",
      id: "getAllLogins",
      summary: "Everybody's logins, with how each does and why.",
      tag: "administration",
      answer: z.object({
        logins: z.array(
          z.object({
            login_id: loginId,
            user_id: z.string(),
            network_id: z.string(),
            configured: z.boolean().describe("Its network is in the configuration"),
            state: bridgeState,
            trouble: z
              .object({ address: z.string(), what: z.string(), cure: z.string() })
              .optional()
              .describe("What is wrong, for who runs the bridge, and what to do about it"),
            lost: z.number().int().describe("What could not cross in the last 30 days"),
          }),
        ),
      }),
      async handle() {
        const logins = await administration.logins();
        return {
          logins: logins.map(({ login, network, trouble, lost }) => ({
            login_id: login.id,
            user_id: login.user,
            network_id: login.network,
            configured: network !== undefined,
            state: stateOf(login, connections),
            ...(trouble === undefined
              ? {}
              : { trouble: { address: trouble.address, what: trouble.what, cure: trouble.cure } }),
            lost,
          })),
        };
      },
    }),
    route({
      method: "GET",
      path: "/admin/v1/queues",
      id: "getQueues",
      summary: "How many rows wait in each queue, and for which chats and rooms.",
      tag: "administration",
      answer: z.object({
        queues: z.array(
          z.object({
            name: z.string(),
            rows: z.number().int(),
            lanes: z.number().int().describe("Rooms or chats"),
          }),
        ),
      }),
      async handle() {
        return { queues: (await administration.queues()).map((queue) => ({ ...queue })) };
      },
    }),
    route({
      method: "GET",
      path: "/admin/v1/dead_letters",
      id: "getDeadLetters",
      summary: "What was given up last, newest first, without what it says.",
      tag: "administration",
      query: z.object({
        limit: z
          .string()
          .regex(/^[1-9]\d{0,2}$/)
          .optional()
          .describe(`How many; at most and if absent ${MOST_LETTERS}`),
      }),
      answer: z.object({
        dead_letters: z.array(
          z.object({
            direction: z.enum(["to-matrix", "to-network"]),
            login_id: loginId.optional(),
            ref: z.string().describe("The event's or the message's id"),
            reason: z.string(),
            at: z.number().int().describe("Milliseconds since the epoch"),
          }),
        ),
      }),
      async handle({ query }) {
        const limit = Math.min(Number(query.limit ?? MOST_LETTERS), MOST_LETTERS);
        const letters = await administration.deadLetters(limit);
        return {
          dead_letters: letters.map(({ direction, key, ref, reason, at }) => ({
            direction,
            ...(key === undefined ? {} : { login_id: key.login }),
            ref,
            reason,
            at,
          })),
        };
      },
    }),
  ];
}
