import { checkKeys } from "../../matrix/health/keys-check.ts";
import { namespaceOf } from "../../matrix/http/namespace.ts";
import type { Stored } from "../../store/examine.ts";
import { namesOf } from "../configuration.ts";
import { bad, badAnswer, type Finding, good, note } from "./finding.ts";
import { checkOptions, placeOf, type RegisteredPatient } from "./patient.ts";

/** The most contacts' devices that are looked at. */
const MOST = 20;
const RENEWED =
  "Restart the bridge: it makes such devices anew with the identity they had. If this is said again, see its log.";

/** Whether the keys of the bot and of contacts are at the homeserver as they are here, and what encryption is off for. */
export async function checkEncryption(
  patient: RegisteredPatient,
  stored: Pick<Stored, "crypto"> | undefined,
): Promise<readonly Finding[]> {
  const { config } = patient.loaded;
  const where = placeOf(patient, "encryption", "mode");
  const encrypted = (await stored?.crypto.encryptedRooms())?.length ?? 0;
  if (config.encryption.mode === "off") {
    if (encrypted === 0) return [good("switched off: the bridge's rooms are not encrypted")];
    return [
      bad(
        where,
        `${encrypted === 1 ? "1 room is" : `${encrypted} rooms are`} encrypted, and encryption is switched off, so that nothing is sent there.`,
        "Set encryption.mode to allow and restart the bridge; or leave it off, and people go on in new rooms with the command new-room.",
      ),
    ];
  }
  const { bot } = namespaceOf(namesOf(config));
  const own = await stored?.crypto.device(bot);
  if (!stored || !own?.published) return [note("switched on; the bot's keys are made at the next start")];
  const others = (await stored.crypto.devices(MOST + 1)).filter(
    ({ user, published }) => published && user !== bot,
  );
  const devices = [own, ...others.slice(0, MOST)].map(({ user, device, key, seeds }) => ({
    user,
    device,
    key,
    master: seeds?.master,
  }));
  try {
    const { faults, oneTimeKeys, receiving, strays } = await checkKeys(checkOptions(patient), devices);
    const findings: Finding[] = faults.map(({ user, fault }) =>
      bad(where, `${user === bot ? "The bot" : user}: ${FAULTS[fault]}`, RENEWED),
    );
    if (oneTimeKeys === 0 && !faults.some(({ user }) => user === bot))
      findings.push(
        bad(where, "The bot has no one-time keys left there, so that clients cannot reach it.", RENEWED),
      );
    for (const user of receiving)
      findings.push(note(`${user} has one-time keys there, which only fill the homeserver's database`));
    if (strays.length > 0)
      findings.push(
        note(
          `the bot has other devices with keys there (${strays.join(", ")}), for which clients encrypt in vain; delete them as an administrator of the homeserver`,
        ),
      );
    if (findings.some(({ kind }) => kind === "bad")) return findings;
    const rooms = `${encrypted} encrypted ${encrypted === 1 ? "room" : "rooms"}`;
    const contacts = `${others.length > MOST ? `${MOST} of the contacts'` : String(others.length)} other devices`;
    return [
      good(
        `the keys of the bot and of ${contacts} are there, signed, ${oneTimeKeys} to begin with; ${rooms}`,
      ),
      ...findings,
    ];
  } catch (error) {
    return [badAnswer(placeOf(patient, "homeserver", "url"), error)];
  }
}

const FAULTS = {
  absent: "its device, or the keys of it, are not at the homeserver.",
  another: "its device has another key at the homeserver than here.",
  unsigned: "its device is not signed by the identity that is stored here.",
} as const;
