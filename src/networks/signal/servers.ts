import { X509Certificate } from "node:crypto";
import { Net, PublicKey } from "@signalapp/libsignal-client";
import { ServerPublicParams } from "@signalapp/libsignal-client/dist/zkgroup/index.js";
import { BridgeError } from "../../core/model/errors.ts";
import type { LocalServer, SignalSection } from "./config.ts";
import { type PublishedServers, production, signalRoot, staging } from "./published-servers.ts";

type WithoutAgent<Options> = Options extends unknown ? Omit<Options, "userAgent"> : never;

/** Where Signal's services are, and what proves them. */
export interface SignalServers {
  /** What libsignal's `Net` is made with, beside the user agent. */
  readonly net: WithoutAgent<Net.NetConstructorOptions>;
  /** Where libsignal finds the chat server. */
  readonly chat: { readonly host: string; readonly port: number };
  /** The storage service's address, without a slash at the end. */
  readonly storage: string;
  /** The addresses of the hosts of files, without a slash at the end, by the number that an attachment names. */
  readonly cdns: ReadonlyMap<number, string>;
  /** The certificate from which those of the storage service and of the hosts of files descend, PEM. */
  readonly ca: string;
  readonly zkParams: ServerPublicParams;
  /** One of them signed a sender's certificate. */
  readonly trustRoots: readonly PublicKey[];
}

/** Throws BridgeError where the certificate of a server of one's own, or one of its keys, is none. */
export function signalServers(server: SignalSection["server"]): SignalServers {
  switch (server) {
    case "production":
      return published(production, Net.Environment.Production, "chat.signal.org");
    case "staging":
      return published(staging, Net.Environment.Staging, "chat.staging.signal.org");
    default:
      return local(server);
  }
}

function published(servers: PublishedServers, env: Net.Environment, host: string): SignalServers {
  const { storage, cdns, zkParams, trustRoots } = servers;
  return {
    net: { env },
    chat: { host, port: 443 },
    storage,
    cdns: new Map(Object.entries(cdns).map(([number, address]) => [Number(number), address])),
    ca: signalRoot,
    zkParams: new ServerPublicParams(bytesOf(zkParams)),
    trustRoots: trustRoots.map((root) => PublicKey.deserialize(bytesOf(root))),
  };
}

/** All services answer on one port, under paths as Signal's mock server has them. */
function local({ port, ca, zk_params, trust_roots }: LocalServer): SignalServers {
  const address = `https://localhost:${port}`;
  return {
    net: {
      localTestServer: true,
      TESTING_localServer_chatPort: port,
      TESTING_localServer_cdsiPort: port,
      TESTING_localServer_svr2Port: port,
      TESTING_localServer_svrBPort: port,
      TESTING_localServer_rootCertificateDer: usable("ca", () => new Uint8Array(new X509Certificate(ca).raw)),
      TESTING_localServer_httpVersion: 2,
    },
    chat: { host: "localhost", port },
    storage: `${address}/storageService`,
    cdns: new Map([
      [0, address],
      [2, address],
      [3, `${address}/cdn3`],
    ]),
    ca,
    zkParams: usable("zk_params", () => new ServerPublicParams(bytesOf(zk_params))),
    trustRoots: trust_roots.map((root) => usable("trust_roots", () => PublicKey.deserialize(bytesOf(root)))),
  };
}

function usable<Value>(key: keyof LocalServer, read: () => Value): Value {
  try {
    return read();
  } catch (cause) {
    throw new BridgeError("bad-input", { words: UNUSABLE[key], certain: true, cause });
  }
}

const UNUSABLE: Readonly<Record<keyof LocalServer, string>> = {
  port: "The port of the server on this machine is none.",
  ca: "What stands at networks.signal.server.ca is not a certificate in PEM.",
  zk_params: "The value of networks.signal.server.zk_params is not a server's public parameters.",
  trust_roots: "A value of networks.signal.server.trust_roots is not a public key.",
};

function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(Buffer.from(base64, "base64"));
}
