import { systemCode } from "../../core/model/system-code.ts";
import { checkPing } from "../../matrix/health/startup-checks.ts";
import { bad, badError, type Finding, good } from "./finding.ts";
import { checkOptions, placeOf, type RegisteredPatient } from "./patient.ts";
import { pingListener } from "./ping-listener.ts";

/** Whether the homeserver reaches the bridge; where none runs, the check answers in its place. */
export async function checkWayBack(patient: RegisteredPatient): Promise<Finding> {
  const { registration, registrationPath, loaded } = patient;
  const { listen } = loaded.config.appservice;
  const where = placeOf(patient, "appservice", "listen");
  const shown = `${listen.host}:${listen.port}`;
  try {
    await using listener = await pingListener(listen, registration.hs_token);
    if (listener.kind === "other") {
      return bad(
        where,
        `Another program listens on ${shown}.`,
        "End it, or give appservice.listen another port; then write the registrations anew (register --force) and restart the homeserver.",
      );
    }
    const took = await checkPing(checkOptions(patient));
    const who =
      listener.kind === "bridge" ? "the bridge" : "this check in the bridge's place (it does not run)";
    return good(
      `the homeserver reaches ${who} at ${registration.url}${took === undefined ? "" : ` in ${took} ms`}`,
    );
  } catch (error) {
    const code = systemCode(error);
    if (code === "EADDRNOTAVAIL" || code === "EACCES") {
      return bad(
        where,
        `${shown} cannot be listened on (${code}).`,
        "Give appservice.listen an address of this machine, and a port above 1023.",
      );
    }
    const found = badError(registrationPath, error);
    const isTls =
      registration.url?.startsWith("https:") === true &&
      found.kind === "bad" &&
      found.what.includes("cannot reach");
    return isTls
      ? {
          ...found,
          cure: `${found.cure} The bridge speaks plain http: with https there must be a proxy before it.`,
        }
      : found;
  }
}
