import { randomUUID } from "node:crypto";
import { valueAt } from "../../config/document.ts";
import { localUrl, shownListen } from "../../config/listen.ts";
import { systemCode } from "../../core/model/system-code.ts";
import { configuredIds } from "../../networks/registry.ts";
import { bad, type Finding, good, note } from "./finding.ts";
import { type Patient, placeOf } from "./patient.ts";
import { standIn } from "./stand-in.ts";

/** Milliseconds. */
const TIMEOUT = 5_000;
const WELL_KNOWN = "/.well-known/matrix/mautrix";

/** Whether people's browsers and programs reach the settings page and the provisioning API, and find them. */
export async function checkProvisioning(patient: Patient): Promise<readonly Finding[]> {
  const { provisioning: section, homeserver } = patient.loaded.config;
  if (section === undefined) {
    return [
      note(
        "there is no section provisioning, so there is no settings page and no provisioning API; both are done in the chat with the bot",
      ),
    ];
  }
  const reached = await reach(patient, section);
  if (reached.kind === "bad") return [reached];
  return [reached, await wellKnown(homeserver.server_name, section.url)];
}

type Section = NonNullable<Patient["loaded"]["config"]["provisioning"]>;

async function reach(patient: Patient, { listen, url }: Section): Promise<Finding> {
  const shown = shownListen(listen);
  const [whereListen, whereUrl] = [
    placeOf(patient, "provisioning", "listen"),
    placeOf(patient, "provisioning", "url"),
  ];
  // Nobody but this check has it, so whoever shows it there was reached.
  const mark = { "fi.mau.bridges": [], check: randomUUID() };
  try {
    await using own = await standIn(listen, ({ url: asked = "" }) =>
      asked.split("?", 1)[0] === WELL_KNOWN ? { status: 200, body: mark } : undefined,
    );
    const isBridge = (body: unknown): boolean =>
      own.isOurs ? valueAt(body, ["check"]) === mark.check : namesNetworks(body, patient, url);
    const direct = own.isOurs ? { body: mark } : await get(`${localUrl(listen)}${WELL_KNOWN}`);
    if (!isBridge(direct.body)) {
      const isOlder = Array.isArray(valueAt(direct.body, ["fi.mau.bridges"]));
      return isOlder
        ? bad(
            whereUrl,
            `The bridge that listens on ${shown} was started with another provisioning.url or other networks.`,
            "Restart the bridge.",
          )
        : bad(
            whereListen,
            `Another program listens on ${shown}.`,
            "End it, or give provisioning.listen another port, in the reverse proxy too.",
          );
    }
    const began = performance.now();
    const outside = await get(`${url}${WELL_KNOWN}`);
    const took = Math.round(performance.now() - began);
    if (isBridge(outside.body)) {
      const who = own.isOurs ? "this check in the bridge's place" : "the bridge";
      return good(`${url} reaches ${who} in ${took} ms`);
    }
    const proxy = `Have your reverse proxy pass it on to ${localUrl(listen)}, with its whole path, or correct provisioning.url; a machine that cannot reach its own public address sees this too.`;
    if (outside.failure !== undefined)
      return bad(whereUrl, `Nothing answers at ${url} (${outside.failure}).`, proxy);
    return bad(whereUrl, `What answers at ${url} is not this bridge (status ${outside.status}).`, proxy);
  } catch (error) {
    return bad(
      whereListen,
      `${shown} cannot be listened on (${systemCode(error) ?? "unknown"}).`,
      "Give provisioning.listen an address of this machine, and a port above 1023.",
    );
  }
}

/** Whether the well-known file is the one that a bridge of this configuration shows. */
function namesNetworks(body: unknown, { loaded }: Patient, url: string): boolean {
  const named = valueAt(body, ["fi.mau.bridges"]);
  const ours = configuredIds(loaded.config).map((id) => `${url}/${id}`);
  return Array.isArray(named) && ours.every((each) => named.includes(each));
}

/** Programs look for it at the server's name; without it they are given the address. */
async function wellKnown(serverName: string, url: string): Promise<Finding> {
  const address = `https://${serverName.replace(/:\d+$/, "")}${WELL_KNOWN}`;
  const { body } = await get(address);
  const named = valueAt(body, ["fi.mau.bridges"]);
  const isNamed = Array.isArray(named) && named.some((each) => String(each).startsWith(`${url}/`));
  return isNamed
    ? good(`${address} names it, so programs find it by themselves`)
    : note(`${address} does not name it, so programs that use the API have to be given ${url}`);
}

interface Fetched {
  readonly status?: number;
  readonly body?: unknown;
  /** Why nothing answered. */
  readonly failure?: string;
}

async function get(address: string): Promise<Fetched> {
  try {
    const response = await fetch(address, { redirect: "manual", signal: AbortSignal.timeout(TIMEOUT) });
    const text = await response.text();
    return { status: response.status, body: parsed(text) };
  } catch (error) {
    return { failure: systemCode(error) ?? "no answer" };
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
