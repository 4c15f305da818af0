import { z } from "zod";
import { node } from "../../networks/meta-interop/wire/node.ts";
import { featureStanza } from "../chat/feature-stanza.ts";
import { integratorStatus, type NetworkName, networkNames } from "../config.ts";
import { HttpError } from "../http/http-error.ts";
import type { Route } from "../http/http-server.ts";
import type { Accounts } from "../state/accounts.ts";
import type { CommitGroup } from "../state/commit-group.ts";
import type { Mailbox } from "../state/mailbox.ts";
import { featureFlags, limitValues, type NetworkState, type NetworkStates } from "../state/network-states.ts";
import { notificationStanza } from "../state/outgoing-stanzas.ts";

const change = z.strictObject({
  features: featureFlags.partial().optional(),
  limits: limitValues.partial().optional(),
  ended: z.boolean().optional(),
  integrators: z.record(z.string(), z.strictObject({ status: integratorStatus })).optional(),
});
type Change = z.output<typeof change>;

/** The state with the fields that were given; an `undefined` one leaves the state's. */
function merged<T extends object>(
  state: T,
  given: { readonly [K in keyof T]?: T[K] | undefined } | undefined,
): T {
  const entries = Object.entries(given ?? {}).filter(([, value]) => value !== undefined);
  return { ...state, ...(Object.fromEntries(entries) as Partial<T>) };
}

function applied(state: NetworkState, { features, limits, ended, integrators }: Change): NetworkState {
  const statuses = Object.entries(integrators ?? {}).map(([id, { status }]) => [id, status] as const);
  return {
    features: merged(state.features, features),
    limits: merged(state.limits, limits && { ...limits, media: { ...state.limits.media, ...limits.media } }),
    ended: ended ?? state.ended,
    integrators: { ...state.integrators, ...Object.fromEntries(statuses) },
  };
}

/** `POST networks/{network}` changes what a network grants and tells all its third-party users. */
export function networkRoutes(
  base: string,
  parts: {
    readonly states: NetworkStates;
    readonly accounts: Accounts;
    readonly commits: CommitGroup;
    readonly mailbox: Mailbox;
    readonly serverTime: () => number;
    readonly wake: (account: number) => void;
  },
): readonly Route[] {
  const { states, accounts, commits, mailbox } = parts;

  function notificationsOf(network: NetworkName, before: NetworkState, after: NetworkState) {
    const users = accounts.all().filter((one) => one.network === network && one.state === "active");
    const notifications: { readonly account: number; readonly child: ReturnType<typeof node> }[] = [];
    const granted = (state: NetworkState): string => JSON.stringify([state.features, state.limits]);
    const back = before.ended && !after.ended;
    for (const { id, integrator } of users) {
      const status = after.integrators[String(integrator)];
      if (back || granted(before) !== granted(after))
        notifications.push({ account: id, child: featureStanza(after) });
      if (status !== undefined && status !== states.integrator(network, integrator)?.status) {
        notifications.push({ account: id, child: node("integrator", { status }) });
      }
      if (after.ended && !before.ended) notifications.push({ account: id, child: node("ended") });
    }
    return notifications;
  }

  async function update(network: NetworkName, wanted: Change): Promise<void> {
    for (const id of Object.keys(wanted.integrators ?? {})) {
      if (states.integrator(network, Number(id)) === undefined) {
        throw new HttpError(404, "no-such-integrator", `There is no integrator ${id}.`);
      }
    }
    const before = states.of(network);
    const after = applied(before, wanted);
    const notifications = notificationsOf(network, before, after);
    await commits.commit(() => {
      states.write(network, after);
      for (const { account, child } of notifications) {
        const at = parts.serverTime();
        mailbox.post(notificationStanza({ account, network, type: "w:interop", at, child }));
      }
    });
    states.publish(network, after);
    for (const { account } of notifications) parts.wake(account);
  }

  return [
    {
      method: "POST",
      path: `${base}/networks/:network`,
      async handle(request) {
        const network = z.enum(networkNames).safeParse(request.params["network"]);
        if (!network.success)
          throw new HttpError(404, "no-such-network", "There is no network of this name.");
        const read = change.safeParse(await request.json());
        if (!read.success) throw new HttpError(400, "malformed", z.prettifyError(read.error));
        await update(network.data, read.data);
        const { features, limits, ended } = states.of(network.data);
        const integrators = states
          .integrators(network.data)
          .map(({ id, status }) => [String(id), { status }] as const);
        return {
          status: 200,
          body: { features, limits, ended, integrators: Object.fromEntries(integrators) },
        };
      },
    },
  ];
}
