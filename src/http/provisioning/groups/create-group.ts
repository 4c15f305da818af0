import { z } from "zod";
import type { CommandScope } from "../../../core/command-scope.ts";
import { BridgeError } from "../../../core/model/errors.ts";
import type { PersonId } from "../../../core/model/ids.ts";
import { connectedSoon } from "../../../core/people/connected-soon.ts";
import type { Clock } from "../../../core/ports/clock.ts";
import { chatOf, ownLogin } from "../own-login.ts";
import { notFound } from "../refusal.ts";
import { Created, type Route, route } from "../route.ts";
import { byLogin } from "../shapes.ts";

interface Scope extends Pick<CommandScope, "logins" | "connections" | "contacts" | "groups" | "store"> {
  readonly clock: Pick<Clock, "now" | "after">;
}

const wanted = z.object({
  name: z.object({ name: z.string().min(1).max(100) }),
  participants: z
    .array(z.string().min(1).max(255))
    .min(1)
    .max(50)
    .describe("Contacts' ids, or what the network finds people by"),
  key: z
    .string()
    .max(100)
    .optional()
    .describe("The same for a repeat of the request, which makes no second group; an addition to mautrix's"),
});

/** Groups that a person makes. */
export function groupMakingRoutes(scope: Scope): readonly Route[] {
  const { connections, contacts, groups, clock } = scope;
  return [
    route({
      method: "POST",
      path: "/v3/create_group/{type}",
      id: "createGroup",
      summary: "Makes a group with these people in it, and opens its room.",
      tag: "v3",
      params: z.object({ type: z.literal("group") }),
      query: byLogin,
      body: wanted,
      answer: z.object({ id: z.string().describe("The group's id; opaque"), mxid: z.string() }),
      also: 201,
      refuses: [502],
      async handle(call) {
        const { login, network } = await ownLogin(call, scope);
        const { name, participants, key = String(clock.now()) } = call.body;
        if (connections.state(login.id).kind === "connecting") await connectedSoon(login.id, scope);
        const known = await contacts.all(login);
        const people = new Set<PersonId>();
        for (const typed of participants) {
          const chat = chatOf(known, typed);
          const found = chat ? undefined : await connections.find(login.id, typed);
          if (found?.kind === "not-found") throw notFound(found.words);
          const person = chat?.portal.person ?? found?.contact.person;
          if (person === undefined) throw away(network.name);
          people.add(person);
        }
        const group = { login, network, name: name.name, people: [...people] };
        const { portal } = await groups.create(group, { event: `api ${key}` });
        return new Created({ id: portal.chat, mxid: portal.room });
      },
    }),
  ];
}

const away = (network: string): BridgeError =>
  new BridgeError("remote-unreachable", {
    words: `${network} is not connected at the moment. Try again when it is.`,
    certain: true,
  });
