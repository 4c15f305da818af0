import { z } from "zod";
import type { OnlineSessions } from "../chat/online-sessions.ts";
import { type NetworkName, networkNames } from "../config.ts";
import { faultNames } from "../faults/faults.ts";
import type { Violations } from "../faults/violations.ts";
import { HttpError } from "../http/http-error.ts";
import type { Route } from "../http/http-server.ts";
import type { Endpoints } from "../partner/endpoints.ts";
import { type Accounts, accountJid } from "../state/accounts.ts";
import type { HeldPrekeys } from "../state/held-prekeys.ts";
import type { Mailbox } from "../state/mailbox.ts";
import type { NetworkStates } from "../state/network-states.ts";
import type { Reports } from "../state/reports.ts";
import { type LoadGenerator, loadRequest } from "./load/load-generator.ts";
import { verbs } from "./verbs.ts";

/** The name of the profile, as the control API's root gives it. */
const profileName = "interop-sandbox/1";

interface ControlOverviewParts {
  readonly states: NetworkStates;
  readonly accounts: Accounts;
  readonly heldPrekeys: HeldPrekeys;
  readonly mailbox: Mailbox;
  readonly sessions: OnlineSessions;
  readonly violations: Violations;
  readonly reports: Reports;
  readonly loadGenerator: LoadGenerator;
  readonly endpoints: () => Readonly<Record<NetworkName, Endpoints>>;
  /** The pinned public key of the certificate chains, base64. */
  readonly rootKey: string;
}

/** What a client needs to know of each network. */
export function networkOverview({
  states,
  endpoints,
  rootKey,
}: Pick<ControlOverviewParts, "states" | "endpoints" | "rootKey">) {
  const all = networkNames.map((name) => {
    const { base, enlist, chat, mediaProxy, media } = endpoints()[name];
    const { features, limits, ended } = states.of(name);
    const addresses = { base, enlist_url: enlist, chat_url: chat, media_proxy: mediaProxy, media_url: media };
    const integrators = states.integrators(name).map(({ id, status }) => [String(id), { status }] as const);
    return [
      name,
      {
        ...addresses,
        root_key: rootKey,
        features,
        limits,
        ended,
        integrators: Object.fromEntries(integrators),
      },
    ] as const;
  });
  return Object.fromEntries(all);
}

/** The control API's root, and its lists of users, violations, reports and load runs. */
export function overviewRoutes(base: string, parts: ControlOverviewParts): readonly Route[] {
  const { states, accounts, heldPrekeys, mailbox, sessions, violations, reports, loadGenerator } = parts;

  const root = () => ({
    status: 200,
    body: {
      profile: profileName,
      networks: networkOverview(parts),
      integrators: states.integrators("whatsapp"),
      verbs: Object.keys(verbs),
      faults: faultNames,
    },
  });
  const users = () => ({
    status: 200,
    body: {
      users: accounts.all().map((account) => {
        const { ec, kyber } = heldPrekeys.count(accountJid(account));
        const { id, network, integrator, sub, state } = account;
        return {
          account_id: String(id),
          jid: accountJid(account),
          visible_id: sub,
          network,
          integrator,
          state,
          connected: sessions.get(id) !== undefined,
          prekeys: ec,
          kyber_prekeys: kyber,
          waiting: mailbox.last(id).count,
        };
      }),
    },
  });

  return [
    { method: "GET", path: base, handle: root },
    { method: "GET", path: `${base}/`, handle: root },
    { method: "GET", path: `${base}/users`, handle: users },
    {
      method: "GET",
      path: `${base}/violations`,
      handle: () => ({ status: 200, body: { violations: violations.list() } }),
    },
    {
      method: "GET",
      path: `${base}/reports`,
      handle: () => ({ status: 200, body: { reports: reports.list() } }),
    },
    { method: "GET", path: `${base}/load`, handle: () => ({ status: 200, body: loadGenerator.status() }) },
    {
      method: "POST",
      path: `${base}/load`,
      async handle(request) {
        const read = loadRequest.safeParse(await request.json());
        if (!read.success) throw new HttpError(400, "malformed", z.prettifyError(read.error));
        return { status: 200, body: { id: await loadGenerator.start(read.data) } };
      },
    },
  ];
}
