import { extname, resolve } from "node:path";

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
Type=exec
User=${account}
ExecStart=${words.map((word) => unitWord(word.replaceAll("$", "$$$$"))).join(" ")}
Restart=on-failure
RestartSec=5
TimeoutStopSec=20
UMask=0077
NoNewPrivileges=yes
CapabilityBoundingSet=
ProtectSystem=strict
ProtectHome=read-only
ReadWritePaths=${unitWord(folder)}
PrivateTmp=yes
PrivateDevices=yes
ProtectClock=yes
ProtectControlGroups=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
SystemCallArchitectures=native

[Install]
WantedBy=multi-user.target
`;
}

/** A word as systemd takes it: quoted, with its specifiers switched off (systemd.unit(5)). */
const unitWord = (word: string): string => {
  const plain = word.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("%", "%%");
  return /^[\w./=:%-]+$/.test(plain) ? plain : `"${plain}"`;
};
