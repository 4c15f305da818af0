import { z } from "zod";
import type { CommandScope } from "../../../core/command-scope.ts";
import type { UserId } from "../../../core/model/ids.ts";
import type { Clock } from "../../../core/ports/clock.ts";
import type { Operations, Permission } from "../../../core/ports/operations.ts";
import { userId } from "../caller/user-id.ts";
import { notFound } from "../refusal.ts";
import { LONGEST_WAIT, type Route, route } from "../route.ts";
import { loginId } from "../shapes.ts";
import { LongTask } from "./long-task.ts";

interface Scope extends Pick<CommandScope, "administration"> {
  readonly operations: Operations;
  readonly clock: Pick<Clock, "after">;
}

const checkedLink = z
  .object({
    name: z.string(),
    findings: z.array(
      z.object({
        kind: z.enum(["good", "note", "bad", "untried"]),
        what: z.string(),
        where: z.string().optional().describe("Of what is bad: the file or address it is about"),
        cure: z.string().optional().describe("Of what is bad: what to do"),
      }),
    ),
  })
  .meta({ id: "CheckedLink" });

const done = z.boolean().describe("False while it goes on; ask with GET for what comes of it");

const checks = z
  .object({
    done,
    ok: z.boolean().optional().describe("Nothing is wrong, and all could be tried; absent until it is done"),
    links: z.array(checkedLink).describe("None until it is done"),
  })
  .meta({ id: "Checks" });

const backup = z
  .object({
    done,
    made: z
      .object({
        folder: z.string().describe("On the bridge's machine"),
        bytes: z.number().int(),
        files: z.number().int(),
        missing: z.number().int().describe("Files that were not there to be copied"),
      })
      .optional()
      .describe("Absent until it is done"),
  })
  .meta({ id: "Backup" });

const AFTER = `answered after ${LONGEST_WAIT / 1_000} seconds at the latest.`;

/** What an administrator does, and asks of the program around the bridge. */
export function operationRoutes({ administration, operations, clock }: Scope): readonly Route[] {
  const tag = "administration";
  const checking = new LongTask(() => operations.check(), clock);
  const backingUp = new LongTask(() => operations.backUp(), clock);
  return [
    route({
      method: "POST",
      path: "/admin/v1/logins/{login}/reconnect",
      id: "reconnect",
      summary: "Ends a login's connection and starts it anew at once.",
      tag,
      params: z.object({ login: loginId }),
      answer: z.object({ begun: z.boolean().describe("False where it is being turned off") }),
      async handle({ params }) {
        const known = (await administration.logins()).find(({ login }) => login.id === params.login);
        if (!known) throw notFound("There is no such login.");
        return { begun: (await administration.reconnect([known.login.id])).length > 0 };
      },
    }),
    route({
      method: "GET",
      path: "/admin/v1/permissions/{user}",
      id: "getPermission",
      summary: "What somebody may do, and by which entry of `permissions`.",
      tag,
      params: z.object({ user: z.string().max(255).describe("A whole Matrix id") }),
      answer: z.object({
        user_id: z.string(),
        level: z.enum(["none", "user", "admin"]),
        entry: z.string().optional().describe("Absent where none is about them"),
        words: z.string().describe("A sentence for the administrator"),
      }),
      async handle({ params }) {
        const user = userId(params.user, "The end of the address");
        const { level, entry } = operations.permission(user);
        return {
          user_id: user,
          level,
          ...(entry === undefined ? {} : { entry }),
          words: permissionWords(user, { level, entry }),
        };
      },
    }),
    route({
      method: "GET",
      path: "/admin/v1/versions",
      id: "getVersions",
      summary: "What runs here: the bridge, what it is built on, and the homeserver.",
      tag,
      answer: z.object({
        bridge: z.string(),
        node: z.string(),
        libsignal: z.string(),
        sqlite: z.string(),
        homeserver: z.string().optional().describe("Absent where it does not say"),
      }),
      async handle() {
        const { homeserver, ...ours } = await operations.versions();
        return { ...ours, ...(homeserver === undefined ? {} : { homeserver }) };
      },
    }),
    route({
      method: "POST",
      path: "/admin/v1/checks",
      id: "check",
      summary: `Tries each link between the bridge and what it needs, as doctor does, and says what is wrong and the cure; ${AFTER}`,
      tag,
      answer: checks,
      handle({ signal }) {
        checking.begin();
        return checked(signal);
      },
    }),
    route({
      method: "GET",
      path: "/admin/v1/checks",
      id: "getChecks",
      summary: `What came of the trial that was begun last; ${AFTER}`,
      tag,
      answer: checks,
      handle: ({ signal }) => checked(signal),
    }),
    route({
      method: "POST",
      path: "/admin/v1/backups",
      id: "backUp",
      summary: `Makes a backup now, into the folder that the configuration names, while the bridge runs; ${AFTER}`,
      tag,
      answer: backup,
      handle({ signal }) {
        backingUp.begin();
        return backedUp(signal);
      },
    }),
    route({
      method: "GET",
      path: "/admin/v1/backups",
      id: "getBackup",
      summary: `What came of the backup that was asked for last; ${AFTER}`,
      tag,
      answer: backup,
      handle: ({ signal }) => backedUp(signal),
    }),
  ];

  async function checked(signal: AbortSignal): Promise<z.input<typeof checks>> {
    const asked = await checking.outcome(signal);
    if (asked.kind === "never-begun") throw notFound("Nothing was tried since the bridge was started.");
    if (asked.kind === "running") return { done: false, links: [] };
    const links = asked.value.map(({ name, findings }) => ({
      name,
      findings: findings.map((one) => ({ ...one })),
    }));
    const isGood = ({ kind }: (typeof links)[number]["findings"][number]): boolean =>
      kind === "good" || kind === "note";
    return { done: true, ok: links.every(({ findings }) => findings.every(isGood)), links };
  }

  async function backedUp(signal: AbortSignal): Promise<z.input<typeof backup>> {
    const asked = await backingUp.outcome(signal);
    if (asked.kind === "never-begun") throw notFound("No backup was asked for since the bridge was started.");
    return asked.kind === "running" ? { done: false } : { done: true, made: { ...asked.value } };
  }
}

const MAY = {
  none: "may not use this bridge",
  user: "may use this bridge",
  admin: "may use this bridge and is an administrator of it",
} as const;

function permissionWords(user: UserId, { level, entry }: Permission): string {
  if (entry === undefined)
    return `${user} ${MAY[level]}: no entry of “permissions” is about them. Add one for them, for their server, or “*”.`;
  return `${user} ${MAY[level]}: by the entry “${entry}” of “permissions”.`;
}
