import { called } from "./called.ts";

/** What `help` prints, command by command. */
export const commands = [
  "init",
  "start",
  "register",
  "check-config",
  "config",
  "doctor",
  "health",
  "backup",
  "restore",
  "encrypt",
  "rekey",
  "decrypt",
  "vacuum",
  "version",
  "help",
] as const;
export type Command = (typeof commands)[number];

const config = "  -c, --config FILE        the configuration (default: config.yaml)";
const registration = "  -r, --registration FILE  the registration (default: registration.yaml)";
const help = "  -h, --help               show this";

export const usage: Readonly<Record<Command, string>> = {
  init: `Usage: ${called.bridge} init [--data DIR] [--homeserver WHICH] [--users WHO] [--networks WHICH]
                             [--synapse HOW] [--unit yes|no] [--yes] [--json]

Sets a bridge up beside your homeserver: finds and checks it, picks free ports, writes a configuration and both
registrations into a folder of their own, and says what to add on Synapse's side. It asks what is not given, five
things at most, and overwrites nothing.

  -d, --data DIR           the folder for all that is the bridge's (default: bridge-data)
  --homeserver WHICH       its name, its address, or both: "example.org http://127.0.0.1:8008"
  --users WHO              Matrix ids, the first of them the administrator's, or all: "@ana:example.org all"
  --networks WHICH         sandbox (plays WhatsApp and Messenger on this machine), or those you want: signal, which
                           needs nothing, and whatsapp and messenger, which need an agreement; "sandbox signal"
                           for both
  --synapse HOW            the user Synapse runs as on this machine, or container, playbook or elsewhere
  --unit yes|no            write a systemd unit
  --listen HOST:PORT       where the bridge listens for Synapse (default: a free port)
  --url URL                how Synapse reaches that address
  --provisioning WHERE     where people open the settings page: HOST:PORT to listen on, or the https address your reverse
                           proxy has for it (default: a free port, for browsers on this machine)
  -y, --yes                take the usual answer to all that is not given
  --json                   ask nothing, and print one line of JSON
${help}`,
  start: `Usage: ${called.bridge} start [-c FILE] [-r FILE] [--sandbox FILE]

Starts the bridge and runs until SIGINT (Ctrl-C) or SIGTERM, which let what is under way finish.
A second signal ends it at once; nothing is lost by that.

${config}
${registration}
  --sandbox FILE           start the sandbox of this configuration along, which plays the networks on this machine
${help}`,
  register: `Usage: ${called.bridge} register [-c FILE] [-r FILE] [--force]

Writes the registration the homeserver needs, with new tokens, beside it a second one for double puppeting,
and says what to add to homeserver.yaml. An existing file is kept: its tokens are known to the homeserver.

${config}
${registration}
  -f, --force              write new ones in their place
${help}`,
  "check-config": `Usage: ${called.bridge} check-config [-c FILE] [-r FILE]

Reads the configuration as start does and lists every mistake with its line, and what is still the sample's.
With a registration it says whether the two fit together. Nothing is started.

${config}
  -r, --registration FILE  check this registration too
${help}`,
  config: `Usage: ${called.bridge} config upgrade [-c FILE] [-r FILE] [--write] [--json]

Shows how the configuration and the registrations would be in the form this version writes: keys at their present places,
comments kept, the registrations' url and flags as the configuration and this version need them, ids and tokens as they
are. At a terminal it asks whether to write that; each file that is written is kept beside it as it was.

${config}
${registration}
  -w, --write              write it without asking
  --json                   ask nothing, and print one line of JSON
${help}`,
  health: `Usage: ${called.bridge} health [-c FILE]

Asks the running bridge how it is, at the address of the section "health" of its configuration. For a container's
health check: the exit status is 0 while the bridge answers, also when it waits for somebody else's outage to end.

${config}
${help}`,
  backup: `Usage: ${called.bridge} backup [-c FILE] [-r FILE] [--to DIR] [--keep N] [--json]

Copies the database, the files contacts may still fetch, the configuration and the registrations into a folder of their
own, while the bridge runs or while it does not, and reads the copy through. The folder has its name only when all of it
is on disk. The key of an encrypted database is not in it, nor are files that the configuration names by { file: … }.

${config}
${registration}
  --to DIR                 the folder it is made in (default: the configuration's backups.folder)
  --keep N                 delete the oldest there beyond the newest N (default: backups.keep)
  --json                   print one line of JSON
${help}`,
  restore: `Usage: ${called.bridge} restore --from FOLDER [-c FILE] [-r FILE] [--json]

Puts a backup back while no bridge runs. It is read through first, and nothing is changed where it is not whole or was
made by a newer bridge. The database and files that are there are kept beside their place; a configuration and
registrations that are there stay as they are, and are put back where they are missing.

  --from FOLDER            a folder that backup made
${config}
${registration}
  --json                   print one line of JSON
${help}`,
  encrypt: `Usage: ${called.bridge} encrypt [-c FILE] [--json]

Encrypts the database with the key in the file that database_key_file names, which is made where it is not there, while
no bridge runs. The new file is read through and then takes the old one's place in one step.

${config}
  --json                   print one line of JSON
${help}`,
  rekey: `Usage: ${called.bridge} rekey --new-key FILE [-c FILE] [--json]

Gives the encrypted database another key, while no bridge runs. Name its file in the configuration afterwards.

  --new-key FILE           the file with the new key; made where it is not there
${config}
  --json                   print one line of JSON
${help}`,
  decrypt: `Usage: ${called.bridge} decrypt [-c FILE] [--json]

Takes the database's encryption away, while no bridge runs. Take database_key_file out of the configuration afterwards.

${config}
  --json                   print one line of JSON
${help}`,
  vacuum: `Usage: ${called.bridge} vacuum [-c FILE] [--json]

Writes the database anew without the room that deleted rows took, while no bridge runs, and says how much that was.

${config}
  --json                   print one line of JSON
${help}`,
  doctor: `Usage: ${called.bridge} doctor [-c FILE] [-r FILE] [--json]

Tries each link between you, the bridge, its homeserver and its networks, in order: the configuration, the
registrations, who may read and write the files, the database and its disk, what waits and what failed, the homeserver,
the clocks, its token, the way back, the names, the bot's device, media, new rooms, double puppets, the settings page,
and each network with this bridge's public address. What is wrong (✗) is named with its file and line, and with the
cure; ! is worth knowing, – was not tried. It may be run beside the bridge or without it: then it answers in its place.
It leaves an empty room that nobody is in, and a file of some bytes, on the homeserver.

${config}
${registration}
  --json                   print one line of JSON
${help}`,
  version: `Usage: ${called.bridge} version

Prints the version.

${help}`,
  help: `Usage: ${called.bridge} COMMAND [options]

  init          set a bridge up beside your homeserver
  start         run the bridge
  register      write the registrations for the homeserver
  check-config  check the configuration
  config        "config upgrade" shows how an earlier version's files would be in this one's form, and writes them
  doctor        find what is wrong, and the cure
  health        ask the running bridge how it is
  backup        copy all that is the bridge's, while it runs or not
  restore       put a backup back
  encrypt       encrypt the database with a key file
  rekey         give the encrypted database another key
  decrypt       take the database's encryption away
  vacuum        give back the room that deleted rows took
  version       print the version
  help          show this, or "help COMMAND"

The configuration is explained in config/config.sample.yaml. Each of its values can also be set by an
environment variable: homeserver.url by BRIDGE_HOMESERVER__URL, or BRIDGE_HOMESERVER__URL_FILE for a
file that holds it.

Exit status: 0 done, 1 failed or found something wrong (which is printed), 2 the command was mistyped.`,
};
