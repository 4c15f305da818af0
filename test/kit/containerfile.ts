import { readFileSync } from "node:fs";

interface Step {
  /** In capitals: COPY, RUN, ENV … */
  readonly instruction: string;
  readonly words: string;
}

export interface Stage {
  readonly base: string;
  readonly name: string | undefined;
  readonly steps: readonly Step[];
}

/** The stages of a Containerfile, their comments left out and their continued lines joined. */
export function readContainerfile(file: string): readonly Stage[] {
  const lines = readFileSync(file, "utf8")
    .replaceAll(/^\s*#.*\n/gm, "")
    .replaceAll(/\\\n/g, " ")
    .split("\n")
    .filter((line) => line.trim() !== "");
  const stages: { base: string; name: string | undefined; steps: Step[] }[] = [];
  for (const line of lines) {
    const [, instruction = "", words = ""] = /^(\S+)\s+(.*)$/.exec(line) ?? [];
    if (instruction === "FROM") {
      const [base = "", , name] = words.split(/\s+/);
      stages.push({ base, name, steps: [] });
    } else stages.at(-1)?.steps.push({ instruction, words });
  }
  return stages;
}

/** The words of the last such step of a stage. Throws where there is none. */
export function last({ steps }: Stage, instruction: string): string {
  const step = steps.findLast((each) => each.instruction === instruction);
  if (step === undefined) throw new Error(`The Containerfile has no ${instruction} in this stage`);
  return step.words;
}
