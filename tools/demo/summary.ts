import type { World } from "../world/world.ts";
import type { Screen } from "./screen.ts";
import { cast, type DemoState } from "./state.ts";

/** The line of `--json`: all that a program needs to drive the demo, its field names being a contract. */
export function jsonLine(world: World, state: DemoState): string {
  const { files, settings } = world;
  const { as, hs } = world.tokens;
  const users = state.users.map(({ localpart, password, optedIn }) => {
    const userId = `@${localpart}:${settings.serverName}`;
    return { user_id: userId, password, visible_id: userId, opted_in: optedIn };
  });
  const parts = { synapse: world.synapse, sandbox: world.sandbox, bridge: world.bridge };
  return JSON.stringify({
    homeserver: world.homeserver,
    server_name: settings.serverName,
    user_id: users[0]?.user_id,
    password: users[0]?.password,
    visible_id: users[0]?.visible_id,
    users,
    bot_id: world.botId,
    sandbox: world.control.origin,
    appservice: world.appservice,
    registration: files.registration,
    config: files.bridgeConfig,
    database: files.database,
    hs_token: hs,
    as_token: as,
    registration_shared_secret: settings.registrationSharedSecret,
    logs: files.logs,
    pids: { synapse: parts.synapse.pid, sandbox: parts.sandbox.pid, bridge: parts.bridge.pid },
    commands: {
      synapse: parts.synapse.command.argv,
      sandbox: parts.sandbox.command.argv,
      bridge: parts.bridge.command.argv,
    },
    cwd: parts.bridge.command.cwd,
    env: parts.bridge.command.env,
  });
}

/** How to go on by hand. */
export function farewell(world: World, state: DemoState, screen: Screen): void {
  screen.title("It stays up until you press Ctrl-C. Log in with any Matrix client:");
  screen.plain(`  homeserver  ${world.homeserver}`);
  for (const { localpart, password, optedIn } of state.users) {
    screen.plain(
      `  user        @${localpart}:${world.settings.serverName}   password  ${password}${optedIn ? "" : "   (has turned nothing on yet)"}`,
    );
  }
  screen.plain(`  the bot     ${world.botId}   (write “help” to it)`);
  screen.title("Play a contact, from another terminal:");
  const api = `${world.control.origin}/_sandbox/v1`;
  const to = `@${state.users[0].localpart}:${world.settings.serverName}`;
  for (const network of ["whatsapp", "messenger"] as const) {
    const contact = state.contacts[network];
    if (contact === undefined) continue;
    screen.plain(`  # ${cast[network].name} writes, and looks at what the phone shows`);
    const body = JSON.stringify({ verb: "says", to, text: "Hello again!" });
    screen.plain(`  curl -d '${body}' ${api}/people/${contact.person}/do`);
    screen.plain(`  curl '${api}/people/${contact.person}/inbox?since=0'`);
  }
  const somebody = JSON.stringify({
    network: "whatsapp",
    name: "Somebody new",
    phone: "+31687654321",
    optedIn: true,
  });
  screen.plain("  # a new contact, and who there is");
  screen.plain(`  curl -d '${somebody}' ${api}/people`);
  screen.plain(`  curl ${api}/people`);
  screen.title("Logs and data:");
  for (const path of [...Object.values(world.files.logs), world.files.bridgeConfig])
    screen.plain(`  ${path}`);
  screen.plain("");
}
