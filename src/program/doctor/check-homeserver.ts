import { titleOf } from "../../matrix/health/server-identity.ts";
import { checkKnown, checkNames, checkReached } from "../../matrix/health/startup-checks.ts";
import { badAnswer, type Finding, good } from "./finding.ts";
import { checkOptions, placeNamed, placeOf, type RegisteredPatient } from "./patient.ts";

/** Whether the homeserver answers at its address, over nothing that changes what is said, and is one the bridge can use. */
export async function checkHomeserverReached(patient: RegisteredPatient): Promise<Finding> {
  const began = performance.now();
  try {
    const identity = await checkReached(checkOptions(patient));
    const took = Math.round(performance.now() - began);
    return good(`${titleOf(identity)} answers at ${patient.loaded.config.homeserver.url} in ${took} ms`);
  } catch (error) {
    return badAnswer(placeOf(patient, "homeserver", "url"), error);
  }
}

/** Whether the homeserver has loaded this registration, and is the one that is configured. */
export async function checkToken(patient: RegisteredPatient): Promise<Finding> {
  try {
    await checkKnown(checkOptions(patient));
    return good(`the homeserver knows the token, and is ${patient.loaded.config.homeserver.server_name}`);
  } catch (error) {
    return badAnswer((words) => placeNamed(patient, words, patient.registrationPath), error);
  }
}

/** Whether the bot's name and those of contacts are this bridge's alone. */
export async function checkNamespaces(patient: RegisteredPatient): Promise<Finding> {
  const { bot, ghost_prefix: prefix } = patient.loaded.config.appservice;
  try {
    await checkNames(checkOptions(patient));
    return good(`@${bot} and @${prefix}… are this bridge's alone`);
  } catch (error) {
    return badAnswer((words) => placeNamed(patient, words, placeOf(patient, "appservice", "bot")), error);
  }
}
