import { expect, test } from "@jest/globals";
import { parseCommand } from "../../../src/commands/parse.ts";

test.each([
  ["help", "help", []],
  ["  HELP  ", "help", []],
  ["!help me", "help", ["me"]],
  ["/start-chat whatsapp +31 6 1234", "start-chat", ["whatsapp", "+31", "6", "1234"]],
  ["", "", []],
])("%j", (text, name, words) => {
  expect(parseCommand(text)).toEqual({ name, words });
});
