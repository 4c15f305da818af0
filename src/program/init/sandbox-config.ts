import { stringify } from "yaml";
import type { ListenAddress } from "../../config/listen.ts";

/** The networks it plays, by id. */
export const played: readonly string[] = ["whatsapp", "messenger"];

/** The sandbox's configuration beside a bridge whose partner side is at `partner` (`host:port`). */
export function sandboxYaml(listen: ListenAddress, partner: string): string {
  const bridge = {
    id: 12,
    name: "Third-party chats bridge",
    iss: `http://${partner}`,
    identifier_type: "username",
    media_hosts: [partner],
    push_url: `http://${partner}`,
  };
  return `# Plays WhatsApp and Messenger on this machine; config/sandbox.sample.yaml explains it.
${stringify({
  listen,
  data: "./sandbox.db",
  integrators: [bridge],
  log: { file: "./sandbox.log" },
})}`;
}
