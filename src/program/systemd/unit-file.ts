import { extname, resolve } from "node:path";

/**
 * What a unit of the bridge takes from it: all that it does not use. It makes code at run time, as Node does, and so
 * `MemoryDenyWriteExecute` is not among them. config/systemd/third-party-chats.service has the same lines.
 */
export const HARDENING = `UMask=0077
NoNewPrivileges=yes
CapabilityBoundingSet=
AmbientCapabilities=
ProtectSystem=strict
PrivateTmp=yes
PrivateDevices=yes
PrivateUsers=yes
ProtectClock=yes
ProtectControlGroups=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectProc=invisible
ProcSubset=pid
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
RemoveIPC=yes
KeyringMode=private
LockPersonality=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallFilter=~@privileged
SystemCallErrorNumber=EPERM`;

/** How systemd is told that the bridge is up, lives and ends, and what it does when it hears nothing. */
export const WATCHED = `Type=notify
NotifyAccess=all
WatchdogSec=2min
TimeoutStartSec=10min
TimeoutStopSec=20
Restart=on-failure
RestartSec=5`;

const program = resolve(import.meta.dirname, "../..", `cli${extname(import.meta.filename)}`);

export interface UnitFacts {
  readonly account: string;
  readonly folder: string;
  readonly config: string;
  readonly registration: string;
  /** The sandbox's configuration, where it is started along. */
  readonly sandbox: string | undefined;
}

/** A systemd unit that keeps the bridge running, as one user, with nothing but its folder to write to. */
export function unitFile({ account, folder, config, registration, sandbox }: UnitFacts): string {
  const words = [
    process.execPath,
    "--disable-warning=DEP0060",
    program,
    "start",
    "-c",
    config,
    "-r",
    registration,
    ...(sandbox === undefined ? [] : ["--sandbox", sandbox]),
  ];
  return `[Unit]
Description=Third-party chats bridge
Wants=network-online.target
After=network-online.target

[Service]
User=${account}
ExecStart=${words.map((word) => unitWord(word.replaceAll("$", "$$$$"))).join(" ")}
${WATCHED}
ReadWritePaths=${unitWord(folder)}
ProtectHome=read-only
${HARDENING}

[Install]
WantedBy=multi-user.target
`;
}

/** A word as systemd takes it: quoted, with its specifiers switched off (systemd.unit(5)). */
const unitWord = (word: string): string => {
  const plain = word.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("%", "%%");
  return /^[\w./=:%-]+$/.test(plain) ? plain : `"${plain}"`;
};
