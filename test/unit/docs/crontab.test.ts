import { expect, test } from "@jest/globals";
import { crontabLine } from "../../kit/crontab-line.ts";
import { blocksOf } from "../../kit/documented-machine.ts";

test("each line of a crontab on a page is one that cron takes, and says when in five fields", () => {
  const lines = blocksOf("docs/data.md", "crontab").flatMap((block) => block.trim().split("\n"));
  expect(lines.length).toBeGreaterThan(1);
  for (const line of lines) expect(crontabLine(line).command).toMatch(/^[/\w]/);
});

test.each([
  ["30 3 * * * echo done", "echo done", ""],
  ["*/5 0-6,22 1 jan mon-fri date +\\%F", "date +%F", ""],
  ["0 0 * * 7 mail ana%hello%there", "mail ana", "hello\nthere\n"],
])("%s is read as cron reads it", (line, command, input) => {
  expect(crontabLine(line)).toEqual({ command, input });
});

test.each([
  "30 3 * * *",
  "60 3 * * * true",
  "0 24 * * * true",
  "0 0 0 * * true",
  "0 0 * 13 * true",
  "0 0 * * 8 true",
  "0 0 * * 1-2-3 true",
  "*/0 * * * * true",
  "@nightly true",
])("%s is none", (line) => {
  expect(() => crontabLine(line)).toThrow("Not ");
});
