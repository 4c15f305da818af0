import { toldOutage } from "../../core/logins/outage-notices.ts";
import type { Stored } from "../../store/examine.ts";
import { readinessAt } from "../health.ts";
import { bad, badWords, type Finding, good, note } from "./finding.ts";
import { type Patient, placeOf } from "./patient.ts";

const DAY = 86_400_000;
const LOOKED_AT_DAYS = 30;
/** The most dead letters that are looked through. */
const MOST_LETTERS = 500;

/** What waits, what was given up, and whose logins do not connect and why; nothing of what anybody wrote. */
export async function checkTraffic(
  patient: Patient,
  stored: Stored | undefined,
): Promise<readonly Finding[]> {
  if (stored === undefined) return [note("the bridge has not been started yet, so nothing waits")];
  const findings = [
    ...(await checkReady(patient)),
    ...(await checkLogins(patient, stored)),
    ...(await checkLetters(stored)),
    ...checkQueues(patient, stored),
  ];
  const logins = (await stored.logins.all()).length;
  const count = logins === 1 ? "1 login" : `${logins} logins`;
  return findings.length > 0 ? findings : [good(`${count}; nothing waits, and nothing was given up`)];
}

/** What the running bridge says of itself, where its configuration lets it be asked. */
async function checkReady(patient: Patient): Promise<readonly Finding[]> {
  const { health } = patient.loaded.config;
  if (!patient.inUse || health === undefined) return [];
  const where = placeOf(patient, "health", "listen");
  const answer = await readinessAt(health.listen);
  switch (answer.kind) {
    case "bridge":
      return answer.told.map((words) => badWords(where, words));
    case "silent": {
      const cure =
        "If it was started with another configuration, start it with this one; else look at its log, and restart it.";
      return [bad(where, `The bridge runs, and does not answer at ${answer.url}.`, cure)];
    }
    case "other": {
      const what = `The bridge runs, and something else answers at ${answer.url} (status ${answer.status}).`;
      const cure =
        "Give health.listen a port that no other program has, and restart the bridge; if none has it, look at the bridge's log.";
      return [bad(where, what, cure)];
    }
    default:
      return answer satisfies never;
  }
}

async function checkLogins(patient: Patient, { logins, records }: Stored): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  const when = patient.inUse ? "" : " when the bridge last ran";
  for (const { id, user, network, state } of await logins.all()) {
    if (state === "leaving") {
      findings.push(note(`${user} turned ${network} off, and the network has not confirmed it yet`));
      continue;
    }
    const told = await toldOutage(records, id);
    if (told?.kind === "refused") {
      const what = `${network} refused ${user}${when}: ${told.words}`;
      findings.push(bad(patient.loaded.config.database, what, "They were told in their chat with the bot."));
    } else if (told?.kind === "away") {
      const what = `${network} could not be reached for ${user}${when}.`;
      findings.push(bad(patient.loaded.config.database, what, `See what is said of ${network} below.`));
    }
  }
  return findings;
}

async function checkLetters({ deadLetters }: Stored): Promise<readonly Finding[]> {
  const since = Date.now() - LOOKED_AT_DAYS * DAY;
  const letters = (await deadLetters.newest(MOST_LETTERS)).filter(({ at }) => at >= since);
  if (letters.length === 0) return [];
  const counts = new Map<string, number>();
  for (const { reason } of letters) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  const reasons = [...counts].sort(([, a], [, b]) => b - a).map(([reason, count]) => `${count} × ${reason}`);
  const more = letters.length === MOST_LETTERS ? " or more" : "";
  return [
    note(
      `${letters.length}${more} could not cross in the last ${LOOKED_AT_DAYS} days, each said to who it concerns: ${reasons.join(", ")}`,
    ),
  ];
}

function checkQueues({ inUse }: Patient, { waiting }: Stored): readonly Finding[] {
  const toMatrix = waiting.networkInbox + waiting.matrixOutbox;
  const toNetworks = waiting.matrixInbox + waiting.networkOutbox;
  if (toMatrix + toNetworks === 0) return [];
  const until = inUse ? "" : " until the bridge is started";
  return [note(`${toMatrix} on their way to Matrix and ${toNetworks} to the networks wait${until}`)];
}
