import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { loadConfig } from "../../../src/config/load.ts";
import { networksConfig } from "../../../src/networks/registry.ts";

const folder = mkdtempSync(join(tmpdir(), "remarks-"));
const file = join(folder, "config.yaml");
writeFileSync(join(folder, "thing"), "");

const good = `homeserver: { url: "http://127.0.0.1:8008", server_name: tpc.test }
appservice: { listen: 127.0.0.1:1 }
partner: { url: https://chats.tpc.test, listen: 127.0.0.1:2 }
permissions: { tpc.test: user }
`;
const key = Buffer.alloc(32, 7).toString("base64");
const network = (more: string) =>
  `${good}networks: { whatsapp: { url: https://gate.test, root_key: ${key}, ${more} } }\n`;

function remarks(text: string): readonly string[] {
  writeFileSync(file, text);
  return loadConfig({ file, networks: networksConfig, environment: {} }).remarks.map(({ words }) => words);
}

test("what is filled in leaves nothing to remark", () => {
  expect(remarks(good)).toEqual([]);
  expect(remarks(network('allowed_hosts: [a.gate.test, "*.media.test"]'))).toEqual([]);
});

test.each([
  [good.replace("127.0.0.1:8008", "192.0.2.7:8008"), "homeserver.url"],
  [good.replace("127.0.0.1:8008", "[2001:db8::7]:8008"), "homeserver.url"],
  [good.replace("chats.tpc.test", "chats.example.com:8443/x"), "partner.url"],
  [good.replace("listen: 127.0.0.1:2", 'listen: 127.0.0.1:2, proxies: ["203.0.113.7"]'), "partner.proxies"],
  [good.replace("listen: 127.0.0.1:2", 'listen: 127.0.0.1:2, proxies: ["2001:db8::/48"]'), "partner.proxies"],
  [network("allowed_hosts: [a.gate.test, chat.example.net]"), "networks.whatsapp.allowed_hosts"],
  [network('allowed_hosts: ["*.media.example.net"]'), "networks.whatsapp.allowed_hosts"],
])("%j still has something of the sample", (text, where) => {
  expect(remarks(text)).toEqual([expect.stringMatching(`^${where} is still the sample's\\.`)]);
});

test.each(["tcp.test", "tpc.tes", "TPC.test", "tpc.testt", '"@ana:tp.test"'])(
  "permissions for %s beside those of the server are taken for a slip",
  (name) => {
    expect(remarks(good.replace("tpc.test: user", `tpc.test: user, ${name}: user`))).toEqual([
      `permissions.${name.replaceAll('"', "")} is not of tpc.test, your homeserver. Is it mistyped?`,
    ]);
  },
);

test.each(['"*"', "friends.test", '"@ana:friends.test"', '"@admin:tpc.test"'])(
  "permissions for %s beside those of the server are meant",
  (name) => {
    expect(remarks(good.replace("tpc.test: user", `tpc.test: user, ${name}: user`))).toEqual([]);
  },
);

test.each([
  ["database: /proc/x/b.db", "database"],
  ["media: { folder: /proc/x/media }", "media.folder"],
  ["backups: { folder: ./in-proc/x }", "backups.folder"],
  ["logging: { file: /sys/x/b.log }", "logging.file"],
])("%s is refused, as nothing can be kept there", (line, where) => {
  symlinkSync("/proc", join(folder, "in-proc"));
  try {
    expect(() => remarks(`${good}${line}\n`)).toThrow(
      expect.objectContaining({
        words: expect.stringContaining(
          `${where} is in /proc or /sys, where nothing can be kept; name a place on a disk.`,
        ),
      }),
    );
  } finally {
    rmSync(join(folder, "in-proc"));
  }
});

test("a log may go where the kernel shows a process's own output", () => {
  expect(remarks(`${good}logging: { file: /proc/self/fd/2 }\n`)).toEqual([]);
});

test.each([
  ["database: .", "database is a folder; name a file."],
  ["media: { folder: ./thing }", "media.folder is a file; name a folder."],
  ["logging: { file: . }", "logging.file is a folder; name a file."],
  [
    "database: ./none/b.db",
    `database is in the folder ${join(folder, "none")}, which is not there; make it.`,
  ],
  [
    "database: ./thing/b.db",
    "database is a place that cannot be reached. Something on the way to it is a file, not a folder.",
  ],
  [
    "media: { folder: ./thing/media }",
    "media.folder is a place that cannot be reached. Something on the way to it is a file, not a folder.",
  ],
  ["logging: { file: ./none/b.log }\nmedia: { folder: ./none/media }", undefined],
] as const)("%s is looked at: %s", (line, words) => {
  expect(remarks(`${good}${line}\n`)).toEqual(words === undefined ? [] : [words]);
});
