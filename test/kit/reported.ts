import { jest } from "@jest/globals";

interface Reported {
  readonly ok: boolean;
  readonly error?: string;
  readonly [fact: string]: unknown;
}

/** What a command printed as its one line of JSON, run in this process. */
export async function reportedBy(run: () => Promise<number>): Promise<Reported> {
  const printed: string[] = [];
  const log = jest
    .spyOn(console, "log")
    .mockImplementation((line: unknown) => void printed.push(String(line)));
  try {
    const status = await run();
    const [line = "", ...more] = printed;
    const facts = JSON.parse(line) as Reported;
    if (more.length > 0 || facts.ok !== (status === 0)) throw new Error(`it printed ${printed.join("\n")}`);
    return facts;
  } finally {
    log.mockRestore();
  }
}
