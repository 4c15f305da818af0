import type { Invocation } from "../../config/command-line.ts";
import { BridgeError } from "../../core/model/errors.ts";
import { loadedConfig } from "../configuration.ts";
import { secondPath } from "../second-registration.ts";
import { synapseProcess } from "../synapse-process.ts";
import { checkClock } from "./check-clock.ts";
import { checkConfiguration, checkPermissions } from "./check-configuration.ts";
import { checkFiles } from "./check-files.ts";
import { checkAbilities, checkHomeserverReached, checkNamespaces, checkToken } from "./check-homeserver.ts";
import { checkMachine } from "./check-machine.ts";
import { checkRegistrations } from "./check-registrations.ts";
import { checkWayBack } from "./check-way-back.ts";
import { badWords, type Finding, untried } from "./finding.ts";
import type { Patient } from "./patient.ts";

type Doctor = Extract<Invocation, { readonly kind: "doctor" }>;

/** What was found of one link. */
interface Link {
  readonly name: string;
  readonly findings: readonly Finding[];
}

/** Tries each link in order and says what is wrong, and the cure; 1 where something is. */
export async function doctor(invocation: Doctor): Promise<number> {
  const isWhole = ({ findings }: Link): boolean => findings.every(({ kind }) => kind === "good");
  const links: Link[] = [];
  for await (const link of examine(invocation)) {
    links.push(link);
    if (!invocation.json) console.log(linkWords(link));
  }
  const whole = links.every(isWhole);
  if (invocation.json) console.log(JSON.stringify({ ok: whole, links: links.map(linkJson) }));
  else
    console.log(
      whole ? "\nAll of it is in order." : "\nMend what has a ✗, from the top, and run this again.",
    );
  return whole ? 0 : 1;
}

async function* examine({ config: file, registration: path }: Doctor): AsyncGenerator<Link> {
  const opened = openPatient(file, path);
  if (!("loaded" in opened)) return yield { name: "configuration", findings: opened };
  yield { name: "configuration", findings: checkConfiguration(opened) };
  yield { name: "permissions", findings: checkPermissions(opened) };
  const { server_name: serverName, url } = opened.loaded.config.homeserver;
  const running = synapseProcess({ serverName, url });
  const { findings, registration } = await checkRegistrations(opened, running);
  yield { name: "registrations", findings };
  yield { name: "files", findings: checkFiles(opened, running) };
  yield { name: "machine", findings: checkMachine(opened) };
  if (registration === undefined) {
    return yield {
      name: "homeserver",
      findings: [untried("not tried, as there is no registration to ask it with")],
    };
  }
  const patient = { ...opened, registration };
  // Without those that are needed the later ones would only repeat the same fault.
  const links = [
    { name: "homeserver", check: checkHomeserverReached, isNeeded: true },
    { name: "clock", check: checkClock, isNeeded: false },
    { name: "token", check: checkToken, isNeeded: true },
    { name: "way back", check: checkWayBack, isNeeded: false },
    { name: "names", check: checkNamespaces, isNeeded: true },
    { name: "device", check: checkAbilities, isNeeded: false },
  ];
  let unmet: string | undefined;
  for (const { name, check, isNeeded } of links) {
    if (unmet !== undefined) {
      yield { name, findings: [untried(`not tried, as the ${unmet} is not in order`)] };
      continue;
    }
    const found = await check(patient);
    yield { name, findings: [found] };
    if (found.kind === "bad" && isNeeded) unmet = name;
  }
}

/** The bridge of the files, or what keeps its configuration from being read. */
function openPatient(file: string, registrationPath: string): Patient | readonly Finding[] {
  try {
    const loaded = loadedConfig(file);
    return { file, loaded, registrationPath, secondPath: secondPath(loaded.config, registrationPath) };
  } catch (error) {
    if (!(error instanceof BridgeError)) throw error;
    const [head = "", ...problems] = error.words.split("\n");
    if (problems.length === 0) return [badWords(file, head)];
    return problems.map((line) => {
      const [, where = file, words = line] = /^\s*(\S+): (.*)$/.exec(line) ?? [];
      return badWords(where, words);
    });
  }
}

const MARKS = { good: "✓", bad: "✗", untried: "–" } as const;

function linkWords({ name, findings }: Link): string {
  return findings
    .map((finding, at) => {
      const title = `${MARKS[finding.kind]} ${(at === 0 ? name : "").padEnd(14)}`;
      if (finding.kind !== "bad") return `${title}${finding.what}`;
      const { where, what, cure } = finding;
      return `${title}${where}: ${what}${cure === "" ? "" : `\n${" ".repeat(16)}${cure}`}`;
    })
    .join("\n");
}

function linkJson({ name, findings }: Link): unknown {
  const found = findings.map((finding) => {
    if (finding.kind !== "bad") return { status: finding.kind, what: finding.what };
    const [, file = finding.where, line] = /^(.*):(\d+)$/.exec(finding.where) ?? [];
    return {
      status: "bad",
      file,
      line: line === undefined ? null : Number(line),
      what: finding.what,
      cure: finding.cure,
    };
  });
  return { link: name, findings: found };
}
