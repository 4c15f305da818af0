import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { Log } from "../../core/ports/log.ts";

const execute = promisify(execFile);

/** Milliseconds for one message. */
const NOTIFY_TIMEOUT = 5_000;

/**
 * The service manager that started this process and wants to hear how it is (sd_notify(3)). Node has no datagram sockets
 * of that kind, so systemd's own program writes to it; the unit needs `NotifyAccess=all`.
 */
export class ServiceManager {
  readonly #log: Log;
  #failed = false;

  /** Undefined where nobody wants to hear. */
  static from(environment: NodeJS.ProcessEnv, log: Log): ServiceManager | undefined {
    return environment["NOTIFY_SOCKET"] ? new ServiceManager(log) : undefined;
  }

  private constructor(log: Log) {
    this.#log = log;
  }

  /** @param status what `systemctl status` shows, one line */
  ready(status: string): Promise<void> {
    return this.#say("READY=1", statusLine(status));
  }

  stopping(): Promise<void> {
    return this.#say("STOPPING=1", statusLine("Putting everything down"));
  }

  alive(): Promise<void> {
    return this.#say("WATCHDOG=1");
  }

  /** Never fails: the bridge runs without, and systemd ends what it does not hear of. */
  async #say(...assignments: readonly string[]): Promise<void> {
    try {
      await execute("systemd-notify", assignments, { timeout: NOTIFY_TIMEOUT });
      this.#failed = false;
    } catch (error) {
      if (this.#failed) return;
      this.#failed = true;
      this.#log.warn(
        "systemd was not told how the bridge is. Is systemd-notify there, and NotifyAccess=all?",
        {
          why: error instanceof Error ? error.message.split("\n")[0] : String(error),
        },
      );
    }
  }
}

const statusLine = (status: string): string => `STATUS=${status.replaceAll(/\s+/g, " ")}`;

/** Milliseconds in which systemd wants a sign of life; undefined where it wants none of this process (sd_watchdog_enabled(3)). */
export function watchdogPeriod(environment: NodeJS.ProcessEnv, pid: number): number | undefined {
  const { WATCHDOG_USEC: period, WATCHDOG_PID: whose } = environment;
  if (period === undefined || !/^[1-9]\d*$/.test(period)) return undefined;
  if (whose !== undefined && whose !== String(pid)) return undefined;
  return Number(period) / 1_000;
}
