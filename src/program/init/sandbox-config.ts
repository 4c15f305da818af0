import { stringify } from "yaml";

/** The sandbox's configuration beside a bridge whose partner side is at `partner` (`host:port`). */
export function sandboxYaml(port: number, partner: string): string {
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
  listen: { host: "127.0.0.1", port },
  data: "./sandbox.db",
  integrators: [bridge],
  log: { file: "./sandbox.log" },
})}`;
}
