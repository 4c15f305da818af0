import { shownListen } from "../../config/listen.ts";
import { systemCode } from "../../core/model/system-code.ts";
import { checkPing } from "../../matrix/health/startup-checks.ts";
import { bad, badAnswer, type Finding, good } from "./finding.ts";
import { checkOptions, placeOf, type RegisteredPatient } from "./patient.ts";
import { PING, pingListener } from "./ping-listener.ts";
import type { StandIn } from "./stand-in.ts";

/** Whether the homeserver reaches the bridge; where none runs, the check answers in its place. */
export async function checkWayBack(patient: RegisteredPatient): Promise<Finding> {
  const { registration, registrationPath, loaded, inUse } = patient;
  const { listen } = loaded.config.appservice;
  const where = placeOf(patient, "appservice", "listen");
  const shown = shownListen(listen);
  try {
    await using listener = await pingListener(listen, registration.hs_token);
    if (listener.kind === "other") {
      return bad(
        where,
        `Another program listens on ${shown}.`,
        "End it, or give appservice.listen another port; then write the registrations anew (register --force) and restart the homeserver.",
      );
    }
    if (listener.kind === "bridge" && !inUse) {
      return bad(
        where,
        `A bridge with this registration listens on ${shown}, and does not run on ${loaded.config.database}.`,
        "Two of them take each other's messages. End the one that is not to run; if it is to run on that database, start it again with this configuration.",
      );
    }
    if (listener.kind === "doctor" && inUse) {
      return bad(
        where,
        `A bridge runs on this database, and does not listen on ${shown}.`,
        "It is starting just now, or it was started with another configuration: start it again with this one, or give this one a database of its own.",
      );
    }
    try {
      const took = await checkPing(checkOptions(patient));
      const who =
        listener.kind === "bridge" ? "the bridge" : "this check in the bridge's place (it does not run)";
      return good(
        `the homeserver reaches ${who} at ${registration.url}${took === undefined ? "" : ` in ${took} ms`}`,
      );
    } catch (error) {
      return changedOnTheWay(listener, registrationPath) ?? badAnswer(registrationPath, error);
    }
  } catch (error) {
    const code = systemCode(error);
    if (code !== "EADDRNOTAVAIL" && code !== "EACCES") throw error;
    return bad(
      where,
      `${shown} cannot be listened on (${code}).`,
      "Give appservice.listen an address of this machine, and a port above 1023.",
    );
  }
}

/** What is seen of a call that arrived, but not as the homeserver sends it; undefined where none did. */
function changedOnTheWay({ heard, heardTls }: StandIn, file: string): Finding | undefined {
  if (heardTls) {
    return bad(
      file,
      "The homeserver speaks https to the bridge, which speaks plain http.",
      "Write http:// in url, here and in appservice.url, and restart the homeserver; with https there must be a proxy before the bridge.",
    );
  }
  const [astray] = heard.filter(({ path }) => path !== PING && path.endsWith(PING));
  if (astray !== undefined) {
    return bad(
      file,
      `The homeserver's calls arrive under ${astray.path.slice(0, -PING.length)}, where the bridge answers nothing.`,
      "Take that path out of url, here and in appservice.url, and restart the homeserver; or have the proxy between take it off.",
    );
  }
  const [bare] = heard.filter(({ path, authorization }) => path === PING && authorization === undefined);
  if (bare === undefined) return undefined;
  return bad(
    file,
    "The homeserver's calls arrive without their token.",
    "Have the proxy between the homeserver and the bridge pass the Authorization header on.",
  );
}
