import { X509Certificate } from "node:crypto";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { signalSection } from "../../../src/networks/signal/config.ts";
import { signalServers } from "../../../src/networks/signal/servers.ts";

const certificates = "node_modules/@signalapp/mock-server/certs";
const json = (name: string) => JSON.parse(readFileSync(join(certificates, name), "utf8"));
/** What libsignal itself carries, compiled in. */
const libsignal = readFileSync(
  globSync(
    `node_modules/@signalapp/libsignal-client/prebuilds/${process.platform}-${process.arch}/*.node`,
  )[0] ?? "",
);

const local = (changed: object = {}) =>
  signalSection.parse({
    server: {
      port: 18_443,
      ca: readFileSync(join(certificates, "ca-cert.pem"), "utf8"),
      zk_params: json("zk-params.json").publicParams,
      trust_roots: [json("trust-root.json").publicKey],
      ...changed,
    },
  }).server;

describe("Signal's servers", () => {
  test("without a word in the configuration they are Signal's own", () => {
    expect(signalSection.parse({})).toEqual({ server: "production", device_name: "Matrix bridge" });
  });

  test.each(["production", "staging"] as const)("libsignal reads the parameters and keys of %s", (name) => {
    const { net, zkParams, trustRoots, storage, cdns } = signalServers(name);
    expect(zkParams.serialize()).toHaveLength(673);
    expect(trustRoots.map((key) => key.serialize().length)).toEqual([33, 33]);
    // The root that signs today is also in libsignal, to save its certificate in each message.
    expect(libsignal.includes(Buffer.from(trustRoots[1]?.serialize() ?? "-"))).toBe(true);
    expect(net).toEqual({ env: name === "production" ? 1 : 0 });
    const hosts = [storage, ...cdns.values()].map((address) => new URL(address).host);
    expect(hosts).toHaveLength(4);
    for (const host of hosts) expect(host).toMatch(/^[a-z0-9-]+\.signal\.org$/);
    expect([...cdns.keys()]).toEqual([0, 2, 3]);
  });

  test("the certificate of Signal's hosts is one of an authority, and the one libsignal carries", () => {
    const { ca } = signalServers("production");
    const root = new X509Certificate(ca);
    expect(root.ca && root.verify(root.publicKey)).toBe(true);
    expect(libsignal.includes(root.raw)).toBe(true);
    expect(signalServers("staging").ca).toBe(ca);
  });

  test("a server of one's own has all services on its port", () => {
    const { net, storage, cdns, zkParams, trustRoots, ca } = signalServers(local());
    expect(net).toMatchObject({
      localTestServer: true,
      TESTING_localServer_chatPort: 18_443,
      TESTING_localServer_rootCertificateDer: new Uint8Array(new X509Certificate(ca).raw),
      TESTING_localServer_httpVersion: 2,
    });
    expect(storage).toBe("https://localhost:18443/storageService");
    expect(cdns.get(3)).toBe("https://localhost:18443/cdn3");
    expect(Buffer.from(zkParams.serialize()).toString("base64")).toBe(json("zk-params.json").publicParams);
    expect(Buffer.from(trustRoots[0]?.serialize() ?? "").toString("base64")).toBe(
      json("trust-root.json").publicKey,
    );
  });

  test("a value of it that cannot be used is told with the key it stands under", () => {
    const key = Buffer.alloc(40, 9).toString("base64");
    for (const [changed, name] of [
      [{ ca: "-----BEGIN CERTIFICATE-----\nbm9uZQ==\n-----END CERTIFICATE-----\n" }, "ca"],
      [{ zk_params: key }, "zk_params"],
      [{ trust_roots: [key] }, "trust_roots"],
    ] as const) {
      expect(() => signalServers(local(changed))).toThrow(`networks.signal.server.${name}`);
    }
  });
});
