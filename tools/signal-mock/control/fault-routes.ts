import { z } from "zod";
import { HttpError } from "../../../src/sandbox/http/http-error.ts";
import type { Route } from "../../../src/sandbox/http/http-server.ts";
import type { SignalMock } from "../signal-mock.ts";

const times = z.int().min(1).default(1);
const answer = {
  status: z.int().min(200).max(599),
  headers: z.record(z.string(), z.string()).default({}),
  body: z.unknown().optional(),
  times,
};
const devices = z.array(z.int()).optional();

/** What can be made to go wrong; `times` is how often, from the next time on. */
const order = z.discriminatedUnion("fault", [
  z.strictObject({
    fault: z.literal("send"),
    kind: z.enum(["challenge", "rate-limit", "unavailable", "unauthorized", "unregistered", "lost", "held"]),
    retryAfter: z.int().optional(),
    to: z.string().optional(),
    times,
  }),
  z.strictObject({
    fault: z.literal("devices"),
    missing: devices,
    extra: devices,
    stale: devices,
    to: z.string().optional(),
    times,
  }),
  z.strictObject({ fault: z.literal("request"), path: z.string().startsWith("/"), ...answer }),
  z.strictObject({ fault: z.literal("upgrade"), path: z.string().startsWith("/").default("/"), ...answer }),
  z.strictObject({ fault: z.literal("lose-acks") }),
  z.strictObject({ fault: z.literal("drop-connections"), chance: z.number().min(0).max(1).default(1) }),
  /** `away`: milliseconds. */
  z.strictObject({ fault: z.literal("restart"), away: z.int().min(0).max(60_000).default(0) }),
  z.strictObject({ fault: z.literal("close"), code: z.int().min(3000).max(4999), person: z.string() }),
  z.strictObject({ fault: z.literal("alerts"), alerts: z.array(z.string()) }),
]);
type Order = z.output<typeof order>;

export const faultRoutes = (base: string, mock: SignalMock): readonly Route[] => [
  {
    method: "POST",
    path: `${base}/faults`,
    async handle(request) {
      const asked = order.safeParse(await request.json());
      if (!asked.success) throw new HttpError(400, "malformed", z.prettifyError(asked.error));
      await carryOut(mock, asked.data);
      return { status: 200, body: {} };
    },
  },
  {
    method: "DELETE",
    path: `${base}/faults`,
    handle() {
      mock.server.faults.clear();
      mock.server.upgradeHeaders = {};
      return { status: 200, body: {} };
    },
  },
];

async function carryOut({ server, people }: SignalMock, asked: Order): Promise<void> {
  const { faults } = server;
  switch (asked.fault) {
    case "send": {
      const { kind, retryAfter, times, to } = asked;
      const waits = retryAfter === undefined ? {} : { retryAfter };
      faults.sends({ kind, ...waits }, { times, ...(to === undefined ? {} : { to }) });
      return;
    }
    case "devices": {
      const { missing = [], extra = [], stale = [], times, to } = asked;
      faults.sends(
        { kind: "devices", missing, extra, stale },
        { times, ...(to === undefined ? {} : { to }) },
      );
      return;
    }
    case "request":
      faults.requests(asked.path, asked, asked);
      return;
    case "upgrade":
      faults.upgrades(asked, asked);
      return;
    case "lose-acks":
      faults.losesAcks = true;
      return;
    case "drop-connections":
      server.dropConnections(asked.chance);
      return;
    case "restart":
      return server.restart(asked.away);
    case "close":
      for (const device of people.find(({ name }) => name === asked.person)?.linkedDevices ?? [])
        server.closeConnection(device, asked.code);
      return;
    case "alerts":
      server.upgradeHeaders = { "x-signal-alert": asked.alerts.join(",") };
  }
}
