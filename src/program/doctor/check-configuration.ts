import type { Found } from "../../config/problems.ts";
import { configuredIds } from "../../networks/registry.ts";
import { badWords, type Finding, good } from "./finding.ts";
import type { Patient } from "./patient.ts";

const isOfPermissions = ({ path }: Pick<Found, "path">): boolean => path[0] === "permissions";

/** What is still the sample's, and what cannot be meant. */
export function checkConfiguration({ file, loaded }: Patient): readonly Finding[] {
  const remarks = loaded.remarks.filter((remark) => !isOfPermissions(remark));
  if (remarks.length > 0) return remarks.map(({ where, words }) => badWords(where, words));
  const { homeserver } = loaded.config;
  return [
    good(
      `${file}: server ${homeserver.server_name}, networks ${configuredIds(loaded.config).join(", ") || "none"}`,
    ),
  ];
}

/** Whether anybody of this server may use the bridge, and whether somebody administers it. */
export function checkPermissions({ loaded }: Patient): readonly Finding[] {
  const remarks = loaded.remarks.filter(isOfPermissions);
  if (remarks.length > 0) return remarks.map(({ where, words }) => badWords(where, words));
  const { permissions } = loaded.config;
  const who = (level: "user" | "admin") =>
    Object.keys(permissions).filter((key) => permissions[key] === level);
  const administrators = who("admin").join(", ") || "nobody";
  return [good(`users ${who("user").join(", ") || "none besides"}; administered by ${administrators}`)];
}
