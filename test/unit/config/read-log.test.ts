import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { openLogger } from "../../../src/config/logger.ts";
import { readLog } from "../../kit/read-log.ts";
import { temporaryFolder } from "../../kit/temporary-folder.ts";

const secret = 'he said "I love you"\nto her \\ in Ålesund';

describe.each(["json", "text"] as const)(
  "a secret with quotes and a new line is found in a log as %s",
  (format) => {
    test.each([
      ["in a field", "sent", { body: secret }],
      ["in the message", `it failed: ${secret}`, {}],
      ["in a JSON that a field quotes", "sent", { body: JSON.stringify({ inside: { body: secret } }) }],
      ["after a single quotation mark", 'an odd " sign', { body: secret }],
    ])("%s", async (_, message, fields) => {
      using folder = temporaryFolder();
      const file = join(folder.path, "bridge.log");
      {
        await using log = openLogger({ level: "info", format, file });
        log.info(message, fields);
      }
      const text = readFileSync(file, "utf8");
      expect(text).not.toContain(secret);
      expect(readLog(text)).toContain(secret);
      expect(readLog(text)).not.toContain("I hate you");
    });
  },
);
