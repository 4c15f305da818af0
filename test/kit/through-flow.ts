import type { LoginId, UserId } from "../../src/core/model/ids.ts";
import type { DisplayStep, DoneStep, LoginStep } from "../../src/core/ports/login-flow.ts";
import type { Network } from "../../src/core/ports/network.ts";

/** The first step of a network's first way in. */
export function firstStep(
  { flows }: Pick<Network, "flows">,
  who: { readonly login: LoginId; readonly user: UserId },
): Promise<LoginStep> {
  const [flow] = flows;
  if (!flow) throw new Error("no way to log in");
  return flow.begin({ ...who, again: false, signal: new AbortController().signal });
}

/** Goes through a flow that asks for nothing to be typed, as a person who agrees, and who `uses` what they are shown. */
export async function throughFlow(
  network: Pick<Network, "flows">,
  who: { readonly login: LoginId; readonly user: UserId },
  uses: (shown: DisplayStep) => void = () => {},
): Promise<DoneStep> {
  for (let step = await firstStep(network, who); ; ) {
    if (step.kind === "done") return step;
    if (step.kind === "notice") step = await step.agree(undefined);
    else if (step.kind === "display" || step.kind === "wait") {
      if (step.kind === "display") uses(step);
      step = await step.next();
    } else throw new Error(`the flow is at “${step.kind}”`);
  }
}
