import { bad, type Finding, good } from "./finding.ts";
import { type Patient, placeOf } from "./patient.ts";

/** Milliseconds by which clocks may differ before times shown to people, and what expires, are wrong. */
const TOLERATED = 30_000;
const TIMEOUT = 10_000;

/** Whether the homeserver's clock and this machine's show the same time, by the date of an answer. */
export async function checkClock(patient: Patient): Promise<Finding> {
  const { url } = patient.loaded.config.homeserver;
  const before = Date.now();
  const date = await dateOf(`${url}/_matrix/client/versions`);
  const here = (before + Date.now()) / 2;
  if (date === undefined) return good("the homeserver does not say what time it has");
  const ahead = date - here;
  const seconds = Math.round(Math.abs(ahead) / 1000);
  if (Math.abs(ahead) <= TOLERATED) return good("the homeserver's clock and this machine's agree");
  return bad(
    placeOf(patient, "homeserver", "url"),
    `The homeserver's clock is ${seconds} s ${ahead > 0 ? "ahead of" : "behind"} this machine's.`,
    "Have both machines set theirs by NTP; timedatectl shows whether they do.",
  );
}

/** Milliseconds since the epoch, to the second; undefined where no date is told. */
async function dateOf(url: string): Promise<number | undefined> {
  try {
    const response = await fetch(url, { redirect: "manual", signal: AbortSignal.timeout(TIMEOUT) });
    await response.body?.cancel();
    const date = Date.parse(response.headers.get("date") ?? "");
    return Number.isNaN(date) ? undefined : date;
  } catch {
    return undefined;
  }
}
