import { expect, test } from "@jest/globals";
import { parseCommand } from "../../../src/commands/parse.ts";

test.each([
  ["help", "help", []],
  ["  HELP  ", "help", []],
  ["!help me", "help", ["me"]],
  ["/start-chat whatsapp +31 6 1234", "start-chat", ["whatsapp", "+31", "6", "1234"]],
  ["“enable whatsapp”", "enable", ["whatsapp"]],
  ["`enable whatsapp`.", "enable", ["whatsapp"]],
  ['"Help!"', "help", []],
  ["Yes, NL", "yes", ["NL"]],
  ["yes.", "yes", []],
  ["mute whatsapp He said “help”", "mute", ["whatsapp", "He", "said", "“help”"]],
  ["mute whatsapp Dr.", "mute", ["whatsapp", "Dr."]],
  ["mute “Wim”", "mute", ["“Wim”"]],
  ["“a” and “b”", "“a”", ["and", "“b”"]],
  ["“”", "", []],
  ["!", "", []],
  ["", "", []],
])("%j", (text, name, words) => {
  expect(parseCommand(text)).toEqual({ name, words });
});
