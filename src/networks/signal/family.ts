import type { NetworkFamily } from "../family.ts";
import { signalSection } from "./config.ts";
import { SignalNetwork } from "./connector.ts";
import { examineSignal } from "./examine.ts";
import { SIGNAL } from "./ids.ts";

const sections = { signal: signalSection.optional() };

/** Signal, as the registry lists it. */
export const signalFamily = {
  sections,
  networks: [{ id: SIGNAL, name: "Signal" }],
  moved: [],
  contradictions: () => [],
  build({ signal: section }, needs) {
    return { networks: section === undefined ? [] : [new SignalNetwork({ ...needs, section })] };
  },
  async *examine({ signal: section }, needs) {
    if (section !== undefined) yield* examineSignal(section, needs);
  },
} satisfies NetworkFamily<typeof sections>;
