import { type Invocation, readCommandLine } from "./config/command-line.ts";
import { usage } from "./config/usage.ts";
import { systemCode } from "./core/model/system-code.ts";
import { heedSignals } from "./program/early-signals.ts";
import { wordsFor } from "./program/faults.ts";
import { version } from "./program/version.ts";

/** The exit status. */
async function run(invocation: Invocation): Promise<number> {
  switch (invocation.kind) {
    case "init":
      return (await import("./program/init/init.ts")).init(invocation);
    case "start":
      return (await import("./program/start.ts")).start(invocation);
    case "register":
      return (await import("./program/register.ts")).register(invocation);
    case "check-config":
      return (await import("./program/check-config.ts")).checkConfig(invocation);
    case "config":
      return (await import("./program/upgrade/upgrade.ts")).upgrade(invocation);
    case "doctor":
      return (await import("./program/doctor/doctor.ts")).doctor(invocation);
    case "health":
      return (await import("./program/health.ts")).health(invocation);
    case "backup":
      return (await import("./program/data/backup.ts")).backup(invocation);
    case "restore":
      return (await import("./program/data/restore.ts")).restore(invocation);
    case "encrypt":
      return (await import("./program/data/database-commands.ts")).encrypt(invocation);
    case "rekey":
      return (await import("./program/data/database-commands.ts")).rekey(invocation);
    case "decrypt":
      return (await import("./program/data/database-commands.ts")).decrypt(invocation);
    case "vacuum":
      return (await import("./program/data/database-commands.ts")).vacuum(invocation);
    case "version":
      console.log(version());
      return 0;
    case "help":
      console.log(usage[invocation.of]);
      return 0;
    case "mistyped":
      console.error(invocation.words);
      return 2;
    default:
      return invocation satisfies never;
  }
}

heedSignals();
process.exitCode = 1;
const invocation = readCommandLine(process.argv.slice(2));
process.stdout.on("error", (error) => {
  if (systemCode(error) !== "EPIPE") throw error;
  // Whoever reads along has seen enough, as “head” does. A bridge that runs is not ended by it.
  if (invocation.kind !== "start") process.exit(1);
});
const status = await run(invocation).catch((error: unknown) => {
  console.error(wordsFor(error));
  return 1;
});
process.exit(status);
