import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { createServer, type RequestListener } from "node:http";
import { type AddressInfo, createServer as createTcp } from "node:net";
import { dirname } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import type { LoginId, NetworkId, UserId } from "../../src/core/model/ids.ts";
import { noLog } from "../../src/core/ports/log.ts";
import { startPartner } from "../../src/http/partner.ts";
import { writeAccount } from "../../src/networks/meta-interop/account/account.ts";
import { JwtKeys } from "../../src/networks/meta-interop/account/jwt-keys.ts";
import { partnerRoutes } from "../../src/networks/meta-interop/account/partner-routes.ts";
import { generateKeyPair } from "../../src/networks/meta-interop/wire/noise/x25519.ts";
import { checkNetworks } from "../../src/program/doctor/check-networks.ts";
import type { Finding } from "../../src/program/doctor/finding.ts";
import { processClock } from "../../src/program/process-clock.ts";
import { checkConfig } from "../../src/sandbox/config.ts";
import { startGatekeeper } from "../../src/sandbox/server.ts";
import { openStored } from "../../src/store/examine.ts";
import { openStore } from "../../src/store/open.ts";
import { freePorts } from "../../tools/process/ports.ts";
import { patientIn } from "../kit/patient.ts";
import { SandboxClient } from "../kit/sandbox-client.ts";
import { temporaryFolder } from "../kit/temporary-folder.ts";

/** Where each value stands in the files that {@link examined} writes. */
const LINES = { partnerUrl: 12, partnerListen: 13, url: 15, rootKey: 16 };
const USER = "@ana:home.test" as UserId;

let around: AsyncDisposableStack;
let folder: string;
let port: number;
let sandbox: SandboxClient;
let whatsapp: { readonly base: string; readonly chat_url: string; readonly root_key: string };
beforeEach(async () => {
  around = new AsyncDisposableStack();
  folder = around.use(temporaryFolder()).path;
  [port = 0] = await freePorts(1);
  await play(`http://127.0.0.1:${port}`);
});
afterEach(() => around.disposeAsync());

/** Starts a gatekeeper that lets a bridge in whose tokens come from there. */
async function play(iss: string, identifier = "username"): Promise<void> {
  const ours = { id: 12, name: "Ours", iss, identifier_type: identifier, push_url: iss };
  const { url } = around.use(await startGatekeeper(checkConfig({ integrators: [ours] }), noLog));
  sandbox = new SandboxClient(url);
  ({ whatsapp } = (await sandbox.root()).networks);
}

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, "127.0.0.1");
  around.defer(() => {
    server.closeAllConnections();
    server.close();
  });
  await once(server, "listening");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

interface Broken {
  readonly partner?: { readonly url?: string; readonly identifier?: string };
  readonly section?: { readonly url?: string; readonly root_key?: string };
}

const database = (): string => `${folder}/data/bridge.db`;

/** What is found of the public address and of WhatsApp. */
async function examined({ partner, section }: Broken = {}) {
  const networks = {
    meta_interop: { partner: { url: `http://127.0.0.1:${port}`, listen: `127.0.0.1:${port}`, ...partner } },
    whatsapp: { url: whatsapp.base, root_key: whatsapp.root_key, ...section },
  };
  const patient = patientIn(folder, { networks });
  using stored = await openStored({ path: database() });
  const links: Record<string, readonly Finding[]> = {};
  for await (const { name, findings } of checkNetworks(patient, stored)) links[name] = findings;
  const [link, rootKey, trial] = links["whatsapp"] ?? [];
  return { address: links["public address"]?.[0], link, rootKey, trial };
}

/** A bridge's store with somebody enlisted, whose chat server is there. */
async function stored(chatUrl: string) {
  mkdirSync(dirname(database()));
  const store = around.use(openStore({ path: database(), log: noLog }));
  const account = writeAccount({
    accountId: "105012",
    jid: "12-105012@interop",
    chatUrl,
    mediaProxy: "http://127.0.0.1:1/p",
    mediaUrl: "http://127.0.0.1:1/m",
    identifier: { type: "username", value: USER },
    noise: generateKeyPair(),
  });
  const of = { id: "login" as LoginId, user: USER, network: "whatsapp" as NetworkId, visibleId: USER };
  const consent = { consentVersion: 1, consentAt: 0 };
  await store.write((tx) => tx.logins.add({ ...of, ...consent, state: "active", account }));
  return store;
}

const good = (what: string | RegExp) => ({ kind: "good", what: expect.stringMatching(what) });
const bad = (line: number, what: string | RegExp, cure: string | RegExp) => ({
  kind: "bad",
  where: `${folder}/config.yaml:${line}`,
  what: expect.stringMatching(what),
  cure: expect.stringMatching(cure),
});
const TAKEN = good("refused for that alone$");

describe("doctor's look at the networks, with no bridge running", () => {
  test("finds all in order, and leaves neither an account nor a breach of the rules there", async () => {
    expect(await examined()).toEqual({
      address: good(/reaches this check in the bridge's place in \d+ ms, and shows this bridge's keys$/),
      link: good(/^answers at http:\S+ in \d+ ms, and has this machine's time$/),
      rootKey: { kind: "note", what: expect.stringContaining("the first enlistment tells") },
      trial: TAKEN,
    });
    expect(await sandbox.users()).toEqual([]);
    expect(await sandbox.violations()).toEqual([]);
  });

  test("finds a public address that is another's, or where nothing answers, and that the network sees so too", async () => {
    const other = await serve((_, response) => response.end("<html>hello</html>"));
    const elsewhere = await examined({ partner: { url: other } });
    expect(elsewhere.address).toEqual(
      bad(LINES.partnerUrl, `is not this bridge \\(status 200\\)\\.$`, "that the reverse proxy passes it on"),
    );
    expect(elsewhere.trial).toEqual(
      bad(LINES.partnerUrl, "does not accept this bridge's proofs .*token-untrusted", "letter for letter"),
    );
    const [nowhere = 0] = await freePorts(1);
    await play(`http://127.0.0.1:${nowhere}`);
    const silent = await examined({ partner: { url: `http://127.0.0.1:${nowhere}` } });
    expect(silent.address).toEqual(
      bad(LINES.partnerUrl, "cannot be used from here. Nothing answers at", "Networks fetch"),
    );
    expect(silent.trial).toEqual(
      bad(LINES.partnerUrl, "cannot fetch this bridge's keys .*keys-unreachable", "from outside too"),
    );
  });

  test("finds an identifier that is not the agreed one", async () => {
    const { trial } = await examined({ partner: { identifier: "pn" } });
    expect(trial).toEqual(bad(LINES.partnerUrl, "token-malformed", "partner.identifier"));
    await play(`http://127.0.0.1:${port}`, "pn");
    expect((await examined({ partner: { identifier: "pn" } })).trial).toEqual(TAKEN);
    await play(`http://127.0.0.1:${port}`, "email");
    expect((await examined({ partner: { identifier: "email" } })).trial).toEqual(TAKEN);
  });

  test("finds a network that is away, mistyped, or not one", async () => {
    const [nowhere = 0] = await freePorts(1);
    const away = await examined({ section: { url: `http://127.0.0.1:${nowhere}` } });
    expect(away).toMatchObject({
      link: bad(LINES.url, `Nothing answers at .*ECONNREFUSED`, "may reach it"),
      rootKey: undefined,
    });
    const secure = whatsapp.base.replace("http:", "https:");
    expect((await examined({ section: { url: secure } })).link).toEqual(
      bad(LINES.url, "no trustworthy TLS connection", "with https:// or http://"),
    );
    expect((await examined({ section: { url: "http://no-such-host.invalid" } })).link).toEqual(
      bad(LINES.url, "is not found", "mistyped"),
    );
    const page = await serve((_, response) => response.end("<html>hello</html>"));
    expect((await examined({ section: { url: page } })).link).toEqual(
      bad(LINES.url, "is not WhatsApp's interface", "Correct networks.whatsapp.url"),
    );
  });

  test("finds a network that has removed this service, one that throttles, and takes back what one enlists wrongly", async () => {
    await sandbox.fault({ fault: "throttle", network: "whatsapp", count: 1 });
    expect((await examined()).trial).toEqual({
      kind: "untried",
      what: "not tried, as WhatsApp asks to come later",
    });
    await sandbox.network("whatsapp", { integrators: { "12": { status: "removed" } } });
    expect((await examined()).trial).toEqual(bad(LINES.url, "integrator-removed", "agreement"));
    const undone: (string | undefined)[] = [];
    const careless = await serve((request, response) => {
      if (request.method === "DELETE") undone.push(request.url);
      const made = {
        account_id: "7",
        jid: "12-7@interop",
        chat_url: "ws://127.0.0.1:1",
        media_proxy: "http://127.0.0.1:1",
        media_url: "http://127.0.0.1:1",
      };
      response.end(JSON.stringify(request.method === "GET" ? { keys: [] } : made));
    });
    expect((await examined({ section: { url: careless } })).trial).toEqual(good("is taken back$"));
    expect(undone).toEqual(["/v1/enlist/7"]);
  });

  test("finds an address that another program has, and one that is not this machine's", async () => {
    const taken = createTcp((socket) => socket.destroy()).listen(port, "127.0.0.1");
    await once(taken, "listening");
    const { address } = await examined();
    taken.close();
    expect(address).toEqual(
      bad(LINES.partnerListen, `What listens on 127.0.0.1:${port} is not this bridge.`, "End that program"),
    );
  });
});

describe("doctor's look at the networks, with somebody enlisted", () => {
  test("has the chat server prove itself by the root key, and says nothing to it", async () => {
    await stored(whatsapp.chat_url);
    expect((await examined()).rootKey).toEqual(good("proves itself by the root key"));
    expect(await sandbox.violations()).toEqual([]);
    const another = Buffer.from(generateKeyPair().publicKey).toString("base64");
    expect((await examined({ section: { root_key: another } })).rootKey).toEqual(
      bad(LINES.rootKey, "does not prove itself by the root key", "Put the key that WhatsApp gave you"),
    );
  });

  test("compares a running bridge's keys with those in its database", async () => {
    const store = await stored(whatsapp.chat_url);
    const keys = new JwtKeys(store, processClock);
    const issuer = `http://127.0.0.1:${port}`;
    const about = { issuer, gatekeepers: [], wake: () => false, clock: processClock, log: noLog };
    const at = { host: "127.0.0.1", port };
    {
      await using _ = await startPartner({
        listen: at,
        routes: partnerRoutes({ ...about, keys }),
        log: noLog,
      });
      expect(await examined()).toMatchObject({ address: good("reaches the bridge in"), trial: TAKEN });
    }
    await using others = openStore({ path: ":memory:", log: noLog });
    const routes = partnerRoutes({ ...about, keys: new JwtKeys(others, processClock) });
    await using _ = await startPartner({ listen: at, routes, log: noLog });
    expect((await examined()).address).toEqual(
      bad(LINES.partnerListen, "is not this bridge", "it runs on another database"),
    );
  });
});
