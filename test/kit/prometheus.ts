import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { z } from "zod";

import { processEnvironment } from "../../tools/process/environment.ts";
import { answers, ManagedProcess } from "../../tools/process/managed-process.ts";
import { freePorts } from "../../tools/process/ports.ts";
import { projectRoot } from "../../tools/world/world.ts";

/** Whether Debian's Prometheus, promtool with it, is on this machine. */
export const hasPrometheus = ["prometheus", "promtool"].every((program) => {
  try {
    execFileSync(program, ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
});

const vector = z.object({
  data: z.object({
    result: z.array(
      z.object({ metric: z.record(z.string(), z.string()), value: z.tuple([z.number(), z.string()]) }),
    ),
  }),
});
const alerts = z.object({
  data: z.object({ alerts: z.array(z.object({ labels: z.object({ alertname: z.string() }) })) }),
});

/** One series of an answer: its labels and its value at this moment. */
interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** A Prometheus that asks one bridge for its metrics each second and judges the alert rules that we give out. */
export class Prometheus implements AsyncDisposable {
  readonly #process: ManagedProcess;
  readonly #url: string;

  private constructor(process: ManagedProcess, url: string) {
    this.#process = process;
    this.#url = url;
  }

  /** @param target the bridge's health listener, as host:port */
  static async start(folder: string, target: string): Promise<Prometheus> {
    const [port = 0] = await freePorts(1);
    const file = join(folder, "prometheus.yaml");
    const config = {
      global: { scrape_interval: "1s", scrape_timeout: "1s", evaluation_interval: "1s" },
      rule_files: [resolve("config/prometheus/alerts.yaml")],
      scrape_configs: [{ job_name: "third-party-chats", static_configs: [{ targets: [target] }] }],
    };
    writeFileSync(file, JSON.stringify(config));
    const argv = [
      "prometheus",
      `--config.file=${file}`,
      `--storage.tsdb.path=${join(folder, "prometheus")}`,
      `--web.listen-address=127.0.0.1:${port}`,
    ] as const;
    const command = { argv, cwd: projectRoot, env: processEnvironment() } as const;
    const own = new ManagedProcess("Prometheus", command, join(folder, "prometheus.log"));
    own.start();
    const prometheus = new Prometheus(own, `http://127.0.0.1:${port}`);
    await own.ready(answers(`${prometheus.#url}/-/ready`));
    return prometheus;
  }

  /** What a query answers now. Throws where Prometheus refuses it. */
  async query(query: string): Promise<readonly Sample[]> {
    const { data } = vector.parse(await this.#ask(`query?query=${encodeURIComponent(query)}`));
    return data.result.map(({ metric, value: [, value] }) => ({ labels: metric, value: Number(value) }));
  }

  /** The alerts whose condition holds, whether or not for as long as they ask for. */
  async alerts(): Promise<readonly string[]> {
    const { data } = alerts.parse(await this.#ask("alerts"));
    return data.alerts.map(({ labels }) => labels.alertname);
  }

  /** Resolves when something that is asked for is so. */
  async until(what: string, holds: () => Promise<boolean>, seconds = 60): Promise<void> {
    for (const deadline = Date.now() + seconds * 1000; !(await holds()); await pause(250)) {
      if (Date.now() > deadline) throw new Error(`waited ${seconds} s in vain for ${what}`);
    }
  }

  async #ask(path: string): Promise<unknown> {
    const answer = await fetch(`${this.#url}/api/v1/${path}`);
    if (!answer.ok) throw new Error(`${path} was answered ${answer.status}: ${await answer.text()}`);
    return answer.json();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#process[Symbol.asyncDispose]();
  }
}
