import { resolve } from "node:path";
import type { Invocation } from "../../config/command-line.ts";
import { BridgeError } from "../../core/model/errors.ts";
import { isContained } from "../container.ts";
import { leaveSignals } from "../early-signals.ts";
import { wordsFor } from "../faults.ts";
import { readAddress } from "./answers.ts";
import { DataFolder, usualDataFolder } from "./data-folder.ts";
import { gather } from "./gather.ts";
import { layOut } from "./lay-out.ts";
import { readProvisioning } from "./provisioning-place.ts";
import { Abandoned, Terminal } from "./question.ts";
import { reportJson, reportWords } from "./report.ts";

type Init = Extract<Invocation, { readonly kind: "init" }>;

/** What a shell shows for a program that Ctrl-C ended. */
const INTERRUPTED = 130;

/** Sets a bridge up beside a homeserver; the exit status. */
export async function init(invocation: Init): Promise<number> {
  const { json } = invocation;
  // Whatever is made here is nobody else's, the sandbox's database included.
  const before = process.umask(0o077);
  try {
    const words = await setUp(invocation);
    console.log(words);
    return 0;
  } catch (error) {
    if (error instanceof Abandoned) {
      console.error("\nStopped. Nothing was written.");
      return INTERRUPTED;
    }
    if (!json || !(error instanceof BridgeError)) throw error;
    console.log(JSON.stringify({ error: wordsFor(error) }));
    return 1;
  } finally {
    process.umask(before);
  }
}

async function setUp({ given, data, listen, url, provisioning, yes, json }: Init): Promise<string> {
  using around = new DisposableStack();
  const folder = around.use(new DataFolder(resolve(data ?? usualDataFolder())));
  const stop = Promise.withResolvers<never>();
  stop.promise.catch(() => undefined);
  const abandon = (): void => stop.reject(new Abandoned());
  leaveSignals();
  process.once("SIGINT", abandon).once("SIGTERM", abandon);
  around.defer(() => process.off("SIGINT", abandon).off("SIGTERM", abandon));
  const isTerminal = process.stdin.isTTY && process.stdout.isTTY;
  const terminal =
    !yes && !json && isTerminal ? around.use(new Terminal(process.stdin, process.stdout)) : undefined;
  terminal?.whenAbandoned(abandon);
  if (terminal !== undefined)
    console.log(
      `Everything goes into ${folder.path} (--data names another folder). Ctrl-C ends this; nothing is written before the last answer.\n`,
    );
  const chosen = {
    listen,
    url: url === undefined ? undefined : readAddress(url),
    provisioning: provisioning === undefined ? undefined : readProvisioning(provisioning),
    contained: isContained(),
  };
  const asking = terminal ?? (yes ? "usual" : undefined);
  const working = gather(given, asking).then((gathered) => layOut(gathered, folder, chosen));
  const report = await Promise.race([working, stop.promise]);
  return json ? reportJson(report) : `${terminal === undefined ? "" : "\n"}${reportWords(report)}`;
}
