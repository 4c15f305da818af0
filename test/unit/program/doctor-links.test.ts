import { once } from "node:events";
import { createServer, type RequestListener, request } from "node:http";
import { request as secureRequest } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import type { ChatId, LoginId, NetworkId, UserId } from "../../../src/core/model/ids.ts";
import { noLog } from "../../../src/core/ports/log.ts";
import { writeDoublePuppetRegistration } from "../../../src/matrix/registration/double-puppet-registration.ts";
import { buildRegistration } from "../../../src/matrix/registration/registration.ts";
import { checkDoublePuppets, checkRooms } from "../../../src/program/doctor/check-abilities.ts";
import { checkToken } from "../../../src/program/doctor/check-homeserver.ts";
import { checkProvisioning } from "../../../src/program/doctor/check-provisioning.ts";
import { checkTraffic } from "../../../src/program/doctor/check-traffic.ts";
import { checkWayBack } from "../../../src/program/doctor/check-way-back.ts";
import { isInUse, openStored } from "../../../src/store/examine.ts";
import { openStore } from "../../../src/store/open.ts";
import { freePorts } from "../../../tools/process/ports.ts";
import { fromMatrix } from "../../contract/store-fixtures.ts";
import { patientIn } from "../../kit/patient.ts";
import { temporaryFolder } from "../../kit/temporary-folder.ts";

let around: AsyncDisposableStack;
let folder: string;
let ports: readonly number[];
beforeEach(async () => {
  around = new AsyncDisposableStack();
  folder = around.use(temporaryFolder()).path;
  ports = await freePorts(2);
});
afterEach(() => around.disposeAsync());

async function serve(listener: RequestListener, port = 0): Promise<string> {
  const server = createServer(listener).listen(port, "127.0.0.1");
  around.defer(() => {
    server.closeAllConnections();
    server.close();
  });
  await once(server, "listening");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const bad = (where: string | RegExp, what: string | RegExp, cure: string | RegExp) => ({
  kind: "bad",
  where: expect.stringMatching(where),
  what: expect.stringMatching(what),
  cure: expect.stringMatching(cure),
});

const names = { botLocalpart: "thirdparty", prefix: "_tpc_", serverName: "home.test", protocols: [] };

describe("doctor's look at the way back", () => {
  /** What is found where the homeserver's ping arrives like this. */
  async function pinged(arrive: (port: number, token: string) => Promise<unknown>, inUse = false) {
    const [port = 0] = ports;
    const url = `http://127.0.0.1:${port}`;
    const registration = buildRegistration({ ...names, id: "thirdpartychats", url });
    const homeserver = await serve((_, response) => {
      const answer = (): void => {
        response.writeHead(502).end(JSON.stringify({ errcode: "M_BAD_STATUS", error: "", status: 503 }));
      };
      arrive(port, registration.hs_token).then(answer, answer);
    });
    const more = { appservice: { listen: `127.0.0.1:${port}` } };
    const patient = { ...patientIn(folder, { url: homeserver, more }), registration, inUse };
    return checkWayBack(patient);
  }

  const post = (path: string, headers: Record<string, string>) => (port: number) =>
    new Promise((resolve, reject) => {
      const sent = request({ host: "127.0.0.1", port, path, method: "POST", headers }, resolve);
      sent.on("error", reject).end("{}");
    });

  test("finds a path that the bridge is not under, and a token that is lost on the way", async () => {
    expect(await pinged(post("/bridge/_matrix/app/v1/ping", { authorization: "Bearer x" }))).toEqual(
      bad(/registration\.yaml$/, "arrive under /bridge, where", "Take that path out of url"),
    );
    expect(await pinged(post("/_matrix/app/v1/ping", {}))).toEqual(
      bad(/registration\.yaml$/, "arrive without their token", "pass the Authorization header on"),
    );
  });

  test("finds https spoken to the plain port", async () => {
    const secure = (port: number) =>
      new Promise((resolve, reject) => {
        secureRequest({ host: "127.0.0.1", port, rejectUnauthorized: false }, resolve)
          .on("error", reject)
          .end();
      });
    expect(await pinged(secure)).toEqual(
      bad(/registration\.yaml$/, "speaks https to the bridge", "Write http:// in url"),
    );
  });

  test("finds a bridge of the same registration that runs on another database", async () => {
    const [port = 0] = ports;
    const registration = buildRegistration({ ...names, id: "one", url: `http://127.0.0.1:${port}` });
    await serve(({ headers }, response) => {
      response.writeHead(headers.authorization === `Bearer ${registration.hs_token}` ? 200 : 403).end("{}");
    }, port);
    const more = { appservice: { listen: `127.0.0.1:${port}` } };
    const patient = {
      ...patientIn(folder, { url: await serve((_, response) => response.end("{}")), more }),
      registration,
    };
    expect(await checkWayBack(patient)).toEqual(
      bad(
        /config\.yaml:5$/,
        /listens on .*, and does not run on \S+bridge\.db\.$/,
        "take each other's messages",
      ),
    );
    expect(await checkWayBack({ ...patient, inUse: true })).toMatchObject({ kind: "good" });
  });

  test("finds a bridge on the same database that listens elsewhere", async () => {
    expect(await pinged(async () => undefined, true)).toEqual(
      bad(
        /config\.yaml:5$/,
        "A bridge runs on this database, and does not listen on",
        "another configuration",
      ),
    );
  });
});

describe("doctor's look at what a homeserver of another make does", () => {
  const registration = buildRegistration({ ...names, id: "thirdpartychats", url: "http://127.0.0.1:9" });
  const at = async (answer: RequestListener) => ({
    ...patientIn(folder, { url: await serve(answer) }),
    registration,
  });

  test("says that it makes no rooms, acts as another, or is ill, each with what to do", async () => {
    const unknown = await at((_, response) =>
      response.writeHead(404).end(JSON.stringify({ errcode: "M_UNRECOGNIZED" })),
    );
    expect(await checkRooms(unknown)).toEqual(
      bad(/config\.yaml:2$/, /^The homeserver makes no room .* \(status 404, M_UNRECOGNIZED\)\.$/, "its log"),
    );
    const deaf = await at((_, response) => response.end(JSON.stringify({ user_id: "@someone:home.test" })));
    const secondPath = join(folder, "doublepuppet-registration.yaml");
    await writeDoublePuppetRegistration(secondPath, { id: "thirdpartychats", serverName: "home.test" });
    expect(await checkDoublePuppets({ ...deaf, secondPath })).toEqual(
      bad(/doublepuppet/, "takes no user_id from a bridge", "Remove that file"),
    );
    const ill = await at((_, response) => response.writeHead(502).end("<html>Bad Gateway</html>"));
    expect(await checkToken(ill)).toEqual(
      bad(/registration\.yaml$/, "is not working properly right now", "^See what the homeserver's log says"),
    );
  });
});

describe("doctor's look at the settings page", () => {
  const WELL_KNOWN = "/.well-known/matrix/mautrix";
  const found = (provisioning: object) => checkProvisioning(patientIn(folder, { more: { provisioning } }));
  const listen = () => `127.0.0.1:${ports[0]}`;

  test("is content where the address leads to it, with no bridge running and with one", async () => {
    const [reached, wellKnown] = await found({ listen: listen() });
    expect(reached).toEqual({
      kind: "good",
      what: expect.stringMatching(/^http:\S+ reaches this check in the bridge's place in \d+ ms$/),
    });
    expect(wellKnown).toEqual({
      kind: "note",
      what: expect.stringContaining("https://home.test/.well-known/matrix/mautrix does not name it"),
    });
    await serve(({ url }, response) => {
      response.writeHead(url === WELL_KNOWN ? 200 : 404).end(JSON.stringify({ "fi.mau.bridges": [] }));
    }, ports[0]);
    expect((await found({ listen: listen() }))[0]).toMatchObject({
      kind: "good",
      what: expect.stringContaining("reaches the bridge in"),
    });
  });

  test("finds an address that leads elsewhere, or nowhere, and a port that another program has", async () => {
    const other = await serve((_, response) => response.end("<html>hello</html>"));
    expect(await found({ listen: listen(), url: other })).toEqual([
      bad(
        /config\.yaml:1[0-9]$/,
        `What answers at ${other} is not this bridge`,
        "reverse proxy pass it on to",
      ),
    ]);
    expect(await found({ listen: listen(), url: `http://127.0.0.1:${ports[1]}` })).toEqual([
      bad(/config\.yaml:1[0-9]$/, "Nothing answers at .*ECONNREFUSED", "reverse proxy pass it on to"),
    ]);
    expect(await found({ listen: other.replace("http://", "") })).toEqual([
      bad(/config\.yaml:1[0-9]$/, "Another program listens on", "another port"),
    ]);
  });

  test("says what is missing without a section", async () => {
    expect(await checkProvisioning(patientIn(folder))).toEqual([
      { kind: "note", what: expect.stringContaining("there is no settings page") },
    ]);
  });
});

describe("doctor's look at what waits and what failed", () => {
  const login = "login" as LoginId;
  const user = "@ana:home.test" as UserId;

  async function store(path: string) {
    const opened = around.use(openStore({ path, log: noLog }));
    const network = "whatsapp" as NetworkId;
    const about = { id: login, user, network, visibleId: user, account: "{}" };
    await opened.write((tx) => tx.logins.add({ ...about, state: "active", consentVersion: 1, consentAt: 0 }));
    return opened;
  }

  async function found(patient: ReturnType<typeof patientIn>) {
    const path = patient.loaded.config.database;
    using stored = await openStored({ path });
    return await checkTraffic({ ...patient, inUse: isInUse(path) }, stored);
  }

  test("says so where there is nothing, and where nothing is amiss", async () => {
    const patient = patientIn(folder);
    expect(await found(patient)).toEqual([
      { kind: "note", what: "the bridge has not been started yet, so nothing waits" },
    ]);
    await store(patient.loaded.config.database);
    expect(await found(patient)).toEqual([
      { kind: "good", what: "1 login; nothing waits, and nothing was given up" },
    ]);
  });
  test("names who does not connect and why, and counts what was given up, without what it says", async () => {
    const patient = patientIn(folder);
    const opened = await store(patient.loaded.config.database);
    const key = { login, chat: "chat" as ChatId };
    const letter = {
      direction: "to-network",
      key,
      ref: "$event",
      reason: "too-large",
      body: "secret",
    } as const;
    await opened.write((tx) => {
      tx.records.set(`login/${login}/told`, "outage", "Your account there is closed.");
      tx.deadLetters.add({ ...letter, at: Date.now() });
      tx.deadLetters.add({ ...letter, at: Date.now() });
      tx.deadLetters.add({ ...letter, at: 0 });
    });
    const findings = await found(patient);
    expect(findings).toEqual([
      bad(/bridge\.db$/, "^whatsapp refused @ana:home.test: Your account there is closed.$", "told"),
      {
        kind: "note",
        what: "2 could not cross in the last 30 days, each said to who it concerns: 2 × too-large",
      },
    ]);
    await opened.write((tx) => tx.records.set(`login/${login}/told`, "outage", "away"));
    await opened[Symbol.asyncDispose]();
    expect((await found(patient))[0]).toEqual(
      bad(/bridge\.db$/, "could not be reached for @ana:home.test when the bridge last ran", "below"),
    );
  });
  test("counts what waits in either direction, and whether it waits for the bridge to be started", async () => {
    const patient = patientIn(folder);
    const opened = await store(patient.loaded.config.database);
    await opened.write((tx) => tx.matrixInbox.take(fromMatrix("1"), "push", false));
    const waits = "0 on their way to Matrix and 1 to the networks wait";
    expect(await found(patient)).toEqual([{ kind: "note", what: waits }]);
    await opened[Symbol.asyncDispose]();
    expect(await found(patient)).toEqual([{ kind: "note", what: `${waits} until the bridge is started` }]);
  });
  test("asks a running bridge what it says of itself", async () => {
    const reasons = ["WhatsApp cannot be used. Nothing answers there. Check its address."];
    const url = await serve((_, response) =>
      response.writeHead(503).end(JSON.stringify({ ready: false, reasons })),
    );
    const patient = patientIn(folder, { more: { health: { listen: url.replace("http://", "") } } });
    await store(patient.loaded.config.database);
    expect(await found(patient)).toEqual([
      bad(
        /config\.yaml:\d+$/,
        "^WhatsApp cannot be used\\.$",
        "^Nothing answers there\\. Check its address\\.$",
      ),
    ]);
    const silent = patientIn(folder, { more: { health: { listen: `127.0.0.1:${ports[0]}` } } });
    expect(await found(silent)).toEqual([
      bad(/config\.yaml:\d+$/, "The bridge runs, and does not answer at", "restart it"),
    ]);
    const page = await serve((_, response) => response.end("<html>hello</html>"));
    const other = patientIn(folder, { more: { health: { listen: page.replace("http://", "") } } });
    expect(await found(other)).toEqual([
      bad(
        /config\.yaml:\d+$/,
        `The bridge runs, and something else answers at ${page}/ready \\(status 200\\)`,
        "a port that no other program has",
      ),
    ]);
  });
});
