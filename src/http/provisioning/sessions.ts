import { z } from "zod";
import type { OpenSession, PageSessions } from "./caller/page-sessions.ts";
import { type Route, route } from "./route.ts";
import { empty } from "./shapes.ts";

const session = z
  .object({
    user_id: z.string(),
    is_admin: z.boolean().describe("Routes under /admin are open to them"),
    ends_at: z
      .number()
      .int()
      .optional()
      .describe("When it ends, in milliseconds since the epoch; of a session"),
    idle_ends_at: z.number().int().optional().describe("When it ends if nothing is asked before"),
  })
  .meta({ id: "Session" });

/** A person's sessions of the settings page. */
export function sessionRoutes(sessions: PageSessions): readonly Route[] {
  const times = (open: OpenSession | undefined) =>
    open === undefined ? {} : { ends_at: open.end, idle_ends_at: open.idleEnd };
  return [
    route({
      method: "POST",
      path: "/person/v1/session",
      id: "openSession",
      summary:
        "Opens a session, by “link:” and the key of the bot's link, which is used up by that, or by any other token.",
      tag: "person",
      opens: true,
      answer: session.extend({ token: z.string().describe("A bearer token of this API") }),
      refuses: [410],
      async handle({ caller: { user, isAdmin, session: own } }) {
        // A session opens no other, which would outlive it.
        const token = own ?? sessions.open(user);
        return { user_id: user, is_admin: isAdmin, token, ...times(sessions.session(token)) };
      },
    }),
    route({
      method: "GET",
      path: "/person/v1/session",
      id: "getSession",
      summary: "Who the person is, and until when.",
      tag: "person",
      answer: session,
      handle: async ({ caller: { user, isAdmin, session: token } }) => ({
        user_id: user,
        is_admin: isAdmin,
        ...times(token === undefined ? undefined : sessions.session(token)),
      }),
    }),
    route({
      method: "DELETE",
      path: "/person/v1/session",
      id: "endSession",
      summary: "Signs out. What is not a session's token stays good.",
      tag: "person",
      answer: empty,
      async handle({ caller: { session: token } }) {
        if (token !== undefined) sessions.end(token);
        return {};
      },
    }),
    route({
      method: "DELETE",
      path: "/person/v1/sessions",
      id: "endSessions",
      summary: "Signs out everywhere: ends all of the person's sessions, and their link.",
      tag: "person",
      answer: empty,
      async handle({ caller: { user } }) {
        sessions.endAll(user);
        return {};
      },
    }),
  ];
}
