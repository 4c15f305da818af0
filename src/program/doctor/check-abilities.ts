import { checkMedia } from "../../matrix/health/media-check.ts";
import { checkPuppets } from "../../matrix/health/puppet-check.ts";
import { checkNewRooms } from "../../matrix/health/room-check.ts";
import { checkDevice } from "../../matrix/health/startup-checks.ts";
import type { Registration } from "../../matrix/registration/registration.ts";
import { secondRegistration } from "../second-registration.ts";
import { badAnswer, type Finding, good, note, untried } from "./finding.ts";
import { checkOptions, placeOf, type RegisteredPatient } from "./patient.ts";

/** Whether the homeserver keeps what is sent apart over its restarts, and lets the bot read along; by doing it. */
export async function checkAbilities(patient: RegisteredPatient): Promise<Finding> {
  try {
    await checkDevice(checkOptions(patient));
    return good("the bot has its device there, and can read /sync");
  } catch (error) {
    return badAnswer(placeOf(patient, "homeserver", "url"), error);
  }
}

const MiB = 1024 * 1024;
/** Bytes; phones send longer videos than this. */
const SMALL = 20 * MiB;

/** Whether files go up and come back, as large as the homeserver says; it leaves one of some bytes there. */
export async function checkFilesThere(patient: RegisteredPatient): Promise<Finding> {
  try {
    const { limit } = await checkMedia(checkOptions(patient));
    const both = "files go up and come back with the bot's token";
    if (limit === undefined) return good(`${both}; the homeserver names no limit`);
    const size = `${Math.round((limit / MiB) * 10) / 10} MiB`;
    if (limit >= SMALL) return good(`${both}, up to ${size}`);
    return note(
      `${both}, but only up to ${size}: larger ones from the networks are told, not shown (Synapse: max_upload_size)`,
    );
  } catch (error) {
    return badAnswer(placeOf(patient, "homeserver", "url"), error);
  }
}

/** Whether the bridge can work in the rooms that the homeserver makes; it makes one, which nobody is in afterwards. */
export async function checkRooms(patient: RegisteredPatient): Promise<Finding> {
  try {
    const { mode } = patient.loaded.config.encryption;
    const { version, isEncrypted } = await checkNewRooms(checkOptions(patient), mode !== "off");
    return good(
      `new rooms are ${isEncrypted ? "encrypted by the homeserver" : "not encrypted"}, and of version ${version}`,
    );
  } catch (error) {
    return badAnswer(placeOf(patient, "homeserver", "url"), error);
  }
}

/** Whether the bridge can act as people here; by doing it as the bot. */
export async function checkDoublePuppets(patient: RegisteredPatient): Promise<Finding> {
  const { loaded, registrationPath, secondPath } = patient;
  let second: Registration | undefined;
  try {
    second = await secondRegistration(loaded.config, registrationPath);
  } catch {
    return untried("not tried, as the second registration is not in order");
  }
  if (second === undefined) {
    return note(
      "there is no second registration, so people join their chats and clear their lists themselves (register writes one)",
    );
  }
  try {
    await checkPuppets(checkOptions(patient), second, secondPath);
    return good("the homeserver lets the bridge act as people here");
  } catch (error) {
    return badAnswer(secondPath, error);
  }
}
