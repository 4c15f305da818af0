import { stringify } from "yaml";
import type { WorldFiles } from "./files.ts";
import type { WorldSettings } from "./settings.ts";

/** Our number at the sandbox, and that of the app that plays the competition. */
export const integrator = 12;
const otherIntegrator = 13;

/** The sandbox's configuration: this world's bridge, and another app so that the choice of apps means something. */
export function sandboxYaml({ ports }: WorldSettings, files: WorldFiles): string {
  const partner = `http://127.0.0.1:${ports.partner}`;
  return stringify({
    listen: { host: "127.0.0.1", port: ports.sandbox },
    data: files.sandboxData,
    page: { framed_by: [`http://127.0.0.1:${ports.page}`] },
    log: { file: files.logs.sandbox },
    integrators: [
      {
        id: integrator,
        name: "Third-party chats bridge",
        iss: partner,
        identifier_type: "username",
        push_url: partner,
        media_hosts: [`127.0.0.1:${ports.partner}`],
      },
      { id: otherIntegrator, name: "Another app", iss: "http://127.0.0.1:9", identifier_type: "pn" },
    ],
  });
}
