import type { World } from "../world/world.ts";
import type { Screen } from "./screen.ts";
import { cast, type DemoState } from "./state.ts";

/** The line of `--json`: everything a program needs to drive the demo. Its field names are stable. */
export function jsonLine(world: World, state: DemoState, page: string | undefined): string {
  const { files, settings } = world;
  const { as, hs } = world.tokens;
  const users = state.users.map(({ localpart, password, optedIn }) => {
    const userId = `@${localpart}:${settings.serverName}`;
    return { user_id: userId, password, visible_id: userId, opted_in: optedIn };
  });
  const parts = {
    synapse: world.synapse,
    sandbox: world.sandbox,
    signal: world.signal,
    bridge: world.bridge,
  };
  return JSON.stringify({
    ...(page === undefined ? {} : { page }),
    homeserver: world.homeserver,
    server_name: settings.serverName,
    user_id: users[0]?.user_id,
    password: users[0]?.password,
    visible_id: users[0]?.visible_id,
    users,
    bot_id: world.botId,
    sandbox: world.control.origin,
    signal: world.signalControl.origin,
    appservice: world.appservice,
    registration: files.registration,
    config: files.bridgeConfig,
    database: files.database,
    hs_token: hs,
    as_token: as,
    registration_shared_secret: settings.registrationSharedSecret,
    logs: files.logs,
    pids: {
      synapse: parts.synapse.pid,
      sandbox: parts.sandbox.pid,
      signal: parts.signal.pid,
      bridge: parts.bridge.pid,
    },
    commands: {
      synapse: parts.synapse.command.argv,
      sandbox: parts.sandbox.command.argv,
      signal: parts.signal.command.argv,
      bridge: parts.bridge.command.argv,
    },
    cwd: parts.bridge.command.cwd,
    env: parts.bridge.command.env,
  });
}

/** Words after the conversation, when the servers have ended. */
export function comeAgain(screen: Screen): void {
  screen.title("What to try next:");
  screen.plain("  npm run demo                  the same, and it stays up for you to log in and play along");
  screen.plain("  README.md, “Five minutes”     the bridge on a Synapse of your own");
}

/** Words on how to go on by hand. */
export function farewell(world: World, state: DemoState, screen: Screen): void {
  const { serverName } = world.settings;
  screen.title("It stays up until you press Ctrl-C. Log in with a password:");
  screen.plain(`  homeserver  ${world.homeserver}`);
  for (const { localpart, password, optedIn } of state.users) {
    screen.plain(
      `  user        @${localpart}:${serverName}   password  ${password}${optedIn ? "" : "   (has turned nothing on yet)"}`,
    );
  }
  screen.plain(`  the bot     ${world.botId}   (write “help” to it)`);
  screen.title("Which clients:");
  for (const words of clients(world.homeserver)) screen.plain(`  ${words}`);
  screen.title("Play a contact, in a browser on this machine:");
  screen.plain(`  ${world.control.origin}/phone/   (WhatsApp and Messenger)`);
  screen.plain(`  ${world.signalControl.origin}/phone/   (Signal)`);
  screen.title("Or from another terminal:");
  const api = `${world.control.origin}/_sandbox/v1`;
  const to = `@${state.users[0].localpart}:${serverName}`;
  for (const network of ["whatsapp", "messenger"] as const) {
    const contact = state.contacts[network];
    if (contact === undefined) continue;
    screen.plain(`  # ${cast[network].name} writes, and looks at what the phone shows`);
    const body = JSON.stringify({ verb: "says", to, text: "Hello again!" });
    screen.plain(`  curl -d '${body}' ${api}/people/${contact.person}/do`);
    screen.plain(`  curl '${api}/people/${contact.person}/inbox?since=0'`);
  }
  screen.plain("  # a new contact, and who there is");
  screen.plain(`  curl -d '${JSON.stringify(somebody)}' ${api}/people`);
  screen.plain(`  curl ${api}/people`);
  screen.title("Logs and data:");
  for (const path of [...Object.values(world.files.logs), world.files.bridgeConfig])
    screen.plain(`  ${path}`);
  screen.title("What to try next:");
  for (const [index, words] of next(state, serverName).entries()) screen.plain(`  ${index + 1}. ${words}`);
  screen.plain("");
}

const somebody = {
  network: "whatsapp",
  name: "Somebody new",
  phone: "+31687654321",
  optedIn: true,
} as const;

/** Clients that can log in to a homeserver at this address, which has no public name. */
function clients(homeserver: string): readonly string[] {
  return [
    "on this machine   one that lets you type the homeserver's address, such as Element Desktop, Nheko, Fractal or",
    `                  NeoChat: choose another homeserver than the offered one, and type ${homeserver}`,
    "                  with its http://. The name “localhost” or a whole user id leads nowhere: there is no https here.",
    "in a browser      Element Web at https://app.element.io, in Chrome or Firefox, the same way: “Edit” beside the",
    "                  homeserver. Let the page reach this machine where the browser asks; Safari never lets it.",
    "on a phone        none: this homeserver listens on this machine only. On your own server every client can.",
  ];
}

function next({ users: [first, , third], contacts }: DemoState, serverName: string): readonly string[] {
  const { localpart, displayName } = first;
  const { name } = cast.whatsapp;
  return [
    `As @${localpart}:${serverName}, open the chat with ${name} and write; it shows on the phone, here.`,
    ...(contacts.whatsapp === undefined
      ? []
      : [`Let ${name} write with the first curl line above; it shows in ${displayName}'s client, and here.`]),
    `Make the new contact with the curl line above, then write “start-chat whatsapp ${somebody.phone}” to the bot.`,
    ...(third === undefined
      ? []
      : [
          `As @${third.localpart}:${serverName}, invite the bot to a direct chat and write “enable whatsapp”, to see how one begins.`,
        ]),
    "Write “settings” to the bot: it gives a link to a page with your networks, contacts and settings.",
    "On a Synapse of your own: “Five minutes to a first message” in README.md.",
  ];
}
