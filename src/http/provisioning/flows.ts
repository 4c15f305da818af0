import type { z } from "zod";
import type { LoginFlow } from "../../core/ports/login-flow.ts";
import type { Network } from "../../core/ports/network.ts";
import { type loginFlow, noticeOf } from "./shapes.ts";

const flowId = (network: Network, flow: LoginFlow): string => `${network.id}.${flow.id}`;

export function flowsOf(networks: readonly Network[]): z.input<typeof loginFlow>[] {
  return networks.flatMap((network) =>
    network.flows.map((flow) => ({
      id: flowId(network, flow),
      name: network.flows.length === 1 ? network.name : `${network.name}: ${flow.name}`,
      description: `To turn ${network.name} on, ${flow.name}.`,
      network_id: network.id,
      ...(flow.notice === undefined ? {} : { notice: noticeOf(flow.notice) }),
    })),
  );
}

export function flowCalled(
  id: string,
  networks: readonly Network[],
): { readonly network: Network; readonly flow: LoginFlow } | undefined {
  for (const network of networks)
    for (const flow of network.flows) if (flowId(network, flow) === id) return { network, flow };
  return undefined;
}
