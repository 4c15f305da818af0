import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, jest, test } from "@jest/globals";
import { type Logger, openLogger } from "../../../src/config/logger.ts";
import { BridgeError } from "../../../src/core/model/errors.ts";
import { faultOf } from "../../../src/core/ports/log.ts";

/** What the log's file holds after `act`. */
async function written(
  format: "json" | "text",
  act: (log: Logger) => void,
  level: "info" | "debug" = "info",
): Promise<readonly string[]> {
  const file = join(mkdtempSync(join(tmpdir(), "log-")), "bridge.log");
  {
    await using log = openLogger({ level, format, file });
    act(log);
  }
  return readFileSync(file, "utf8").trimEnd().split("\n");
}

describe("the log", () => {
  test("json: one object a line, with the child's fields and the line's own", async () => {
    const lines = await written("json", (log) => {
      log
        .child({ part: "audit" })
        .child({ room: "!r" })
        .warn("The stream broke", { attempt: 2, left: undefined });
      log.debug("Too quiet to be seen");
    });
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
      {
        at: expect.any(String),
        level: "warn",
        message: "The stream broke",
        part: "audit",
        room: "!r",
        attempt: 2,
      },
    ]);
  });

  test("of a trouble the reason is said, and the chain of causes in errors and where the level is debug", async () => {
    const fields = faultOf(
      new BridgeError("storage", { words: "no", certain: true, cause: new TypeError("x") }),
    );
    const lines = await written("text", (log) => {
      log.info("informed", fields);
      log.warn("warned", fields);
      log.error("failed", fields);
    });
    expect(lines.map((line) => line.slice(25))).toEqual([
      "INFO  informed reason=storage",
      "WARN  warned reason=storage",
      'ERROR failed reason=storage fault="BridgeError:storage < TypeError"',
    ]);
    const all = await written("text", (log) => log.warn("warned", fields), "debug");
    expect(all[0]).toContain('fault="BridgeError:storage < TypeError"');
  });

  test("text: what comes from outside can neither start a line nor pass for a field", async () => {
    const lines = await written("text", (log) => {
      log.info("Ready", { id: "a\n2026-01-01 ERROR forged", other: 'x" level=error', plain: "word" });
    });
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(
      /^\S+ INFO {2}Ready id="a\\n2026-01-01 ERROR forged" other="x\\" level=error" plain=word$/,
    );
  });

  test.each(["json", "text"] as const)(
    "%s: a hidden secret is never written, however it comes",
    async (format) => {
      const secret = 'as"token/with\\marks';
      const lines = await written(format, (log) => {
        log.hide(secret);
        log.error(`Bad ${secret}`, {
          url: `http://h/?access_token=${encodeURIComponent(secret)}`,
          header: `Bearer ${secret}`,
        });
      });
      expect(lines.join()).not.toContain("token/with");
      expect(lines.join()).not.toContain(encodeURIComponent(secret));
      expect(lines.join().match(/\[secret\]/g)).toHaveLength(3);
    },
  );

  test("what its file cannot take is printed, and the file goes on when it can", async () => {
    const folder = mkdtempSync(join(tmpdir(), "log-"));
    const file = join(folder, "sub", "bridge.log");
    writeFileSync(join(folder, "sub"), "in the way");
    const first = Promise.withResolvers<void>();
    const printed = jest.spyOn(process.stderr, "write").mockImplementation(() => {
      first.resolve();
      return true;
    });
    {
      await using log = openLogger({ level: "info", format: "text", file });
      log.info("first");
      await first.promise;
      rmSync(join(folder, "sub"));
      log.info("second");
    }
    expect(printed.mock.calls.map(([line]) => String(line))).toEqual([expect.stringMatching(/first\n$/)]);
    printed.mockRestore();
    expect(readFileSync(file, "utf8")).toMatch(/^\S+ INFO {2}second\n$/);
  });
});
