import { z } from "zod";
import { groupTitle } from "../../../core/chats/chat-profiles.ts";
import { isNameable } from "../../../core/chats/command-target.ts";
import { isClosedForNow } from "../../../core/chats/groups/closed-for-now.ts";
import { crowdOf } from "../../../core/chats/groups/crowds.ts";
import { isRequest } from "../../../core/chats/requests.ts";
import type { CommandScope } from "../../../core/command-scope.ts";
import type { EventId } from "../../../core/model/ids.ts";
import type { Clock } from "../../../core/ports/clock.ts";
import type { GroupPortal } from "../../../core/ports/rows.ts";
import { type OwnLogin, ownLogin } from "../own-login.ts";
import { notFound, Refusal } from "../refusal.ts";
import { type Route, route } from "../route.ts";
import { byLogin, empty, loginId } from "../shapes.ts";

interface Scope
  extends Pick<
    CommandScope,
    "logins" | "contacts" | "connections" | "requests" | "chatStarter" | "groups" | "store" | "scheduler"
  > {
  readonly clock: Pick<Clock, "now">;
}

const group = z
  .object({
    id: z.string().describe("The network's own id of the group; opaque"),
    name: z.string(),
    topic: z.string().optional(),
    mxid: z.string().optional().describe("Its room; absent where it has none at the moment"),
    members: z.number().int().min(0).describe("How many are in it"),
    login_id: loginId.describe("By which of the person's logins"),
    network_id: z.string(),
    request: z.boolean().describe("The person is invited to it and has not accepted or declined yet"),
    closed: z.string().optional().describe("Why nothing can be written there now, a sentence"),
  })
  .meta({ id: "Group" });

const groupId = z.object({
  group: z.string().max(255).describe("The id of a group, as groups tells it"),
});

/** The groups that a person is in, or invited to. */
export function personGroupRoutes(scope: Scope): readonly Route[] {
  const { connections, requests, chatStarter, groups, store, scheduler } = scope;
  const about = { tag: "person", params: groupId, query: byLogin } as const;
  return [
    route({
      method: "GET",
      path: "/person/v1/groups",
      id: "getGroups",
      shown: "groups",
      summary: "The groups that the person is in, or invited to.",
      tag: "person",
      query: byLogin,
      answer: z.object({ groups: z.array(group) }),
      async handle(call) {
        const own = await ownLogin(call, scope);
        const shown: z.input<typeof group>[] = [];
        for (const portal of await groupsOf(own)) {
          await scheduler.yield();
          shown.push(await known(own, portal));
        }
        return { groups: shown };
      },
    }),
    route({
      ...about,
      method: "PUT",
      path: "/person/v1/groups/{group}/request",
      id: "answerInvitation",
      summary: "Accepts or declines the invitation to a group.",
      body: z.object({ answer: z.enum(["accept", "decline"]) }),
      answer: empty,
      refuses: [409],
      async handle(call) {
        const own = await ownLogin(call, scope);
        const portal = await named(own, call.params.group);
        if (!(await isRequest(store, portal)))
          throw conflict("That invitation was answered already, or taken back.");
        if (call.body.answer === "decline") await requests.decline(portal, own.login.user);
        else {
          await requests.accept(portal);
          await chatStarter.openAgain(own.login, own.network, portal);
        }
        return {};
      },
    }),
    route({
      ...about,
      method: "POST",
      path: "/person/v1/groups/{group}/leave",
      id: "leaveGroup",
      summary: "Leaves a group, behind what is still to be sent there; its room stays, read-only.",
      answer: empty,
      refuses: [409],
      async handle(call) {
        const own = await ownLogin(call, scope);
        const portal = await named(own, call.params.group);
        const closed = closedIn(own, portal);
        if (closed !== undefined) throw conflict(`${closed} You can leave the group when that is over.`);
        if (portal.room === undefined || (await isRequest(store, portal)))
          throw conflict("You are not in that group yet. Accept or decline its invitation.");
        // No event asked for it.
        const event = `$leave-${portal.createKey}-${scope.clock.now()}` as EventId;
        await groups.leave(portal, { user: own.login.user, room: portal.room, event });
        return {};
      },
    }),
  ];

  async function groupsOf({ login }: OwnLogin): Promise<readonly GroupPortal[]> {
    const groupPortals: GroupPortal[] = [];
    for (const portal of await store.portals.ofLogin(login.id))
      if (portal.kind === "group" && (isNameable(portal) || (await isClosedForNow(store, portal))))
        groupPortals.push(portal);
    return groupPortals;
  }

  async function named(own: OwnLogin, id: string): Promise<GroupPortal> {
    const portal = (await groupsOf(own)).find(({ chat }) => chat === id);
    if (portal) return portal;
    throw notFound("You are in no such group.");
  }

  function closedIn({ login }: OwnLogin, { chat }: GroupPortal): string | undefined {
    return connections.client(login.id)?.capabilities(chat).closed;
  }

  async function known(own: OwnLogin, portal: GroupPortal): Promise<z.input<typeof group>> {
    const { login, network } = own;
    const closed = closedIn(own, portal);
    return {
      id: portal.chat,
      name: groupTitle(portal),
      ...(portal.topic === "" ? {} : { topic: portal.topic }),
      ...(portal.room === undefined ? {} : { mxid: portal.room }),
      members: (await crowdOf(store, portal)) ?? (await store.portalMembers.count(portal)),
      login_id: login.id,
      network_id: network.id,
      request: await isRequest(store, portal),
      ...(closed === undefined ? {} : { closed }),
    };
  }
}

const conflict = (words: string): Refusal => new Refusal({ status: 409, errcode: "M_BAD_STATE", words });
