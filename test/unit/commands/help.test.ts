import { describe, expect, test } from "@jest/globals";
import { distance } from "../../../src/commands/help/distance.ts";
import { prefixed, suggestionFor } from "../../../src/commands/help/habits.ts";
import { exampleOf, partsOf } from "../../../src/commands/help/usage.ts";
import { commandsFor } from "../../../src/commands/table.ts";
import type { NetworkId } from "../../../src/core/model/ids.ts";
import { LinkedNetwork } from "../../kit/linked-network.ts";
import { MemoryNetwork } from "../../kit/memory-network.ts";
import { VirtualClock } from "../../kit/virtual-clock.ts";

const clock = new VirtualClock();
const networks = [new MemoryNetwork(clock), new LinkedNetwork(clock)];
const commands = commandsFor(networks);
const known = { commands: commands.map(({ name }) => name), networks: networks.map(({ id }) => id) };

describe("an unknown word", () => {
  test.each([
    ["statsu", "", "status"],
    ["stat", "", "status"],
    ["helo", "", "help"],
    ["start-caht", "whatsapp Bram", "start-chat whatsapp Bram"],
    ["verfy", "whatsapp Bram", "verify whatsapp Bram"],
    ["login", "", "enable whatsapp"],
    ["login", "quill", "enable quill"],
    ["logout", "", "disable whatsapp"],
    ["list-logins", "", "status"],
    ["ping", "", "status"],
    ["pm", "+31612345678", "start-chat whatsapp +31612345678"],
    ["pm", "quill Zoe Z", "start-chat quill Zoe Z"],
    ["delete-chat", "quill Zoe Z", "delete-portal quill Zoe Z"],
    ["create", "Dinner with Bram", "create-group whatsapp Dinner with Bram"],
    ["resolve-identifier", "+31612345678", "start-chat whatsapp +31612345678"],
  ])("“%s %s” is taken for “%s”", (name, rest, command) => {
    expect(suggestionFor(name, rest, known)).toEqual({ command });
  });

  test.each(["leave", "login-matrix", "join", "sync", "set-relay"])(
    "“%s” is answered with how it is here",
    (name) => expect(suggestionFor(name, "", known)).toEqual({ words: expect.stringMatching(/\w/) }),
  );

  test.each(["x", "banana", "frobnicate", "st", "a".repeat(2_000)])("“%s” is taken for nothing", (name) => {
    expect(suggestionFor(name, "", known)).toBeUndefined();
  });
});

test.each([
  ["", "", 0],
  ["abc", "", 3],
  ["abc", "acb", 1],
  ["mute", "unmute", 2],
  ["kitten", "sitting", 3],
])("“%s” and “%s” are %i letters apart", (one, other, letters) => {
  expect(distance(one, other)).toBe(letters);
  expect(distance(other, one)).toBe(letters);
});

test.each([
  ["!wa login", { prefix: "wa", rest: "login", isCommand: true }],
  ["!WA  Help me", { prefix: "wa", rest: "Help me", isCommand: true }],
  ["!signal", { prefix: "signal", rest: "", isCommand: true }],
  ["!tpc enable whatsapp", { prefix: "tpc", rest: "enable whatsapp", isCommand: true }],
  ["!quill status", { prefix: "quill", rest: "status", isCommand: true }],
  ["!wa what a day", { prefix: "wa", rest: "what a day", isCommand: false }],
  ["!wait for me", undefined],
  ["wa login", undefined],
  ["I said !wa login", undefined],
])("%j is read as to a bridge's bot, or not", (text, read) => {
  const isOurs = (word: string): boolean => known.commands.includes(word);
  expect(prefixed(text, isOurs, ["quill" as NetworkId])).toEqual(read);
});

test("every command that takes something has an example that can be typed", () => {
  const without = commands.filter((command) => exampleOf(command, networks[0]) === undefined);
  expect(without.map(({ name }) => name)).toEqual([]);
  const examples = commands.map((command) =>
    exampleOf(command, { id: "whatsapp" as NetworkId, example: "+31612345678" }),
  );
  expect(examples).toContain("start-chat whatsapp +31612345678");
  expect(examples).toContain("retry whatsapp Bram");
  expect(examples).toContain("inbox separate");
  expect(examples).toContain("reconnect whatsapp");
  expect(examples).toContain("country NL");
  for (const example of examples) expect(example).not.toMatch(/[<>[\]|]/);
});

test("a usage is read part by part", () => {
  expect(partsOf("<network> <whom>|all [yes|no]")).toEqual([
    { name: "network", optional: false, choices: ["<network>"] },
    { name: "whom", optional: false, choices: ["<whom>", "all"] },
    { name: "yes or no", optional: true, choices: ["yes", "no"] },
  ]);
});
