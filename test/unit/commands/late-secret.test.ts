import { expect, test } from "@jest/globals";
import type { CommandContext } from "../../../src/commands/command.ts";
import { commandRunner } from "../../../src/commands/runner.ts";
import { BridgeError } from "../../../src/core/model/errors.ts";
import type { EventId, NetworkId, RoomId, UserId } from "../../../src/core/model/ids.ts";

const ANA = "@ana:test" as UserId;

const message = { user: ANA, room: "!dm:test" as RoomId, event: "$e" as EventId, text: "Canary-7 rest" };

/** A runner after a restart in the middle of logging in, when what Ana writes may be a secret. */
async function runnerAfterRestart(takeOut: () => Promise<boolean>, lines: string[] = []) {
  const note = (...line: readonly unknown[]) => void lines.push(JSON.stringify(line));
  const runner = commandRunner({
    networks: new Map(),
    log: { error: note, warn: note, info: note, debug: note },
    processes: {
      of: () => undefined,
      tellInterrupted: (tell: (user: UserId, network: NetworkId, told: () => void) => Promise<void>) =>
        tell(ANA, "quill" as NetworkId, () => {}),
    },
    secrets: { takeAllAway: async () => {}, takeOut },
    tell: async () => {},
  } as unknown as Omit<CommandContext, "dialogues">);
  await runner.resume();
  return runner;
}

test.each([
  ["the homeserver is away", new BridgeError("homeserver-unreachable", { words: "Away.", certain: true })],
  ["the bridge is at fault", new TypeError("no such thing")],
])("a late secret is in no log, where it cannot be taken out as %s", async (_, fault) => {
  const lines: string[] = [];
  const runner = await runnerAfterRestart(() => Promise.reject(fault), lines);
  expect(await runner.run(message)).toHaveLength(1);
  expect(lines).toHaveLength(1);
  expect(lines.join().toLowerCase()).not.toContain("canary");
});

test("a late secret whose deletion takes long is neither repeated nor kept", async () => {
  const runner = await runnerAfterRestart(() => new Promise(() => {}));
  expect(runner.meanwhile(message)).toContain("“answer” takes a moment.");
  expect(runner.kept(message)).toBe("answer");
  const command = { ...message, text: "help whatsapp" };
  expect(runner.meanwhile(command)).toContain("“help” takes a moment.");
  expect(runner.kept(command)).toBe("help whatsapp");
});
