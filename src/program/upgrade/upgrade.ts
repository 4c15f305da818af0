import { existsSync, readFileSync } from "node:fs";
import { createInterface } from "node:readline/promises";
import { isDeepStrictEqual, styleText } from "node:util";
import type { Invocation } from "../../config/command-line.ts";
import { unifiedDiff } from "../../config/line-diff.ts";
import { readConfig } from "../../config/load.ts";
import { upgradedText } from "../../config/upgraded.ts";
import { BridgeError } from "../../core/model/errors.ts";
import { isSample } from "../../matrix/registration/registration.ts";
import {
  upgradedDoublePuppet,
  upgradedRegistration,
} from "../../matrix/registration/upgraded-registration.ts";
import { configuredIds, networksConfig } from "../../networks/registry.ts";
import { loadedConfig, namesOf } from "../configuration.ts";
import { inWords } from "../data/reported.ts";
import { wordsFor } from "../faults.ts";
import { refused } from "../refused.ts";
import { secondPath } from "../second-registration.ts";
import { replaceFiles } from "./replace-files.ts";
import { withoutSecrets } from "./without-secrets.ts";

type Upgrade = Extract<Invocation, { readonly kind: "config" }>;

interface FileChange {
  readonly file: string;
  readonly after: string;
  readonly diff: readonly string[];
  /** Whether the homeserver reads it too. */
  readonly isShared: boolean;
}

/** What this version would write otherwise, and what only a person can change. */
interface Plan {
  readonly changes: readonly FileChange[];
  readonly remarks: readonly string[];
}

/**
 * Shows how the files would be in this version's form, and writes them where that is wanted; 1 where something is to be
 * written and was not.
 */
export async function upgrade(invocation: Upgrade): Promise<number> {
  const { json } = invocation;
  try {
    const plan = planOf(invocation);
    return await (json ? tell(plan, invocation) : show(plan, invocation));
  } catch (cause) {
    const error = inWords(cause);
    if (!json || !(error instanceof BridgeError)) throw error;
    console.log(JSON.stringify({ ok: false, error: wordsFor(error) }));
    return 1;
  }
}

function planOf({ config: file, registration: path }: Upgrade): Plan {
  const { config, outdated } = loadedConfig(file);
  const before = readFileSync(file, "utf8");
  const after = upgradedText(before, networksConfig.moved);
  assertSame(file, before, after);
  const second = secondPath(config, path);
  const about = { ...namesOf(config), url: config.appservice.url, protocols: configuredIds(config) };
  const remarks = outdated.filter(({ where }) => !where.startsWith(`${file}:`));
  const changes = [
    change(file, before, after, false),
    ...[path, second].flatMap((each, index) => {
      if (!existsSync(each)) return [];
      const text = readFileSync(each, "utf8");
      if (isSample(text)) return [];
      const serverName = config.homeserver.server_name;
      const fresh =
        index === 0 ? upgradedRegistration(each, text, about) : upgradedDoublePuppet(each, text, serverName);
      return [change(each, text, fresh, true)];
    }),
  ];
  return {
    changes: changes.filter(({ diff }) => diff.length > 0),
    remarks: remarks.map(({ where, words }) => `${where}: ${words}`),
  };
}

const change = (file: string, before: string, after: string, isShared: boolean): FileChange => ({
  file,
  after,
  isShared,
  diff: unifiedDiff(file, withoutSecrets(before), withoutSecrets(after)),
});

/** Throws where the other text would be another configuration. */
function assertSame(file: string, before: string, after: string): void {
  const read = (text: string) =>
    readConfig(text, { file, networks: networksConfig, environment: process.env }).config;
  if (isDeepStrictEqual(read(before), read(after))) return;
  throw refused(`${file} cannot be rewritten by itself. “check-config” says which keys to move by hand.`);
}

const isUndone = (plan: Plan, isWritten: boolean): number => (plan.changes.length > 0 && !isWritten ? 1 : 0);

/** For a program: one line of JSON. */
async function tell(plan: Plan, { write }: Upgrade): Promise<number> {
  const kept = write ? await replaceFiles(plan.changes) : [];
  const files = plan.changes.map(({ file, diff }, at) => ({
    file,
    diff: diff.join("\n"),
    kept: kept[at] ?? null,
  }));
  const status = isUndone(plan, write);
  console.log(JSON.stringify({ ok: status === 0, files, remarks: plan.remarks }));
  return status;
}

/** For a person. */
async function show(plan: Plan, { config, write }: Upgrade): Promise<number> {
  const { changes, remarks } = plan;
  for (const { diff } of changes) console.log(diff.map(coloured).join("\n"));
  for (const remark of remarks) console.log(remark);
  if (changes.length === 0) {
    console.log(`Nothing to write: ${config} and the registrations are as this version has them.`);
    return 0;
  }
  const isTerminal = process.stdin.isTTY && process.stdout.isTTY;
  if (!write && !(isTerminal && (await agrees()))) {
    console.log("Nothing was written. Add --write to write this.");
    return isUndone(plan, false);
  }
  const kept = await replaceFiles(changes);
  for (const [at, { file }] of changes.entries())
    console.log(`Wrote ${file}; what it was is in ${kept[at]}.`);
  const restarts = changes.some(({ isShared }) => isShared)
    ? "Restart the homeserver, as it has read the registrations before, and then the bridge."
    : "The bridge reads it when it is started again; it means the same as before.";
  console.log(restarts);
  return 0;
}

function coloured(line: string): string {
  if (/^(---|\+\+\+) /.test(line)) return styleText("bold", line);
  if (line.startsWith("@@")) return styleText("cyan", line);
  if (line.startsWith("-")) return styleText("red", line);
  return line.startsWith("+") ? styleText("green", line) : line;
}

async function agrees(): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  try {
    return /^y(es)?$/i.test((await terminal.question("Write this? [no]: ")).trim());
  } catch {
    // Ctrl-C and Ctrl-D are no yes.
    return false;
  } finally {
    terminal.close();
  }
}
