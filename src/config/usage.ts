/** What `help` prints, command by command. */
export const commands = ["start", "register", "check-config", "version", "help"] as const;
export type Command = (typeof commands)[number];

const config = "  -c, --config FILE        the configuration (default: config.yaml)";
const registration = "  -r, --registration FILE  the registration (default: registration.yaml)";
const help = "  -h, --help               show this";

export const usage: Readonly<Record<Command, string>> = {
  start: `Usage: npm run bridge -- start [-c FILE] [-r FILE]

Starts the bridge and runs until SIGINT (Ctrl-C) or SIGTERM, which let what is under way finish.
A second signal ends it at once; nothing is lost by that.

${config}
${registration}
${help}`,
  register: `Usage: npm run bridge -- register [-c FILE] [-r FILE] [--force]

Writes the registration the homeserver needs, with new tokens, beside it a second one for double puppeting,
and says what to add to homeserver.yaml. An existing file is kept: its tokens are known to the homeserver.

${config}
${registration}
  -f, --force              write new ones in their place
${help}`,
  "check-config": `Usage: npm run bridge -- check-config [-c FILE] [-r FILE]

Reads the configuration as start does and lists every mistake with its line, and what is still the sample's.
With a registration it says whether the two fit together. Nothing is started.

${config}
  -r, --registration FILE  check this registration too
${help}`,
  version: `Usage: npm run bridge -- version

Prints the version.

${help}`,
  help: `Usage: npm run bridge -- COMMAND [options]

  start         run the bridge
  register      write the registrations for the homeserver
  check-config  check the configuration
  version       print the version
  help          show this, or "help COMMAND"

The configuration is explained in config/config.sample.yaml. Each of its values can also be set by an
environment variable: homeserver.url by BRIDGE_HOMESERVER__URL, or BRIDGE_HOMESERVER__URL_FILE for a
file that holds it.

Exit status: 0 done, 1 failed (the reason is printed), 2 the command was mistyped.`,
};
