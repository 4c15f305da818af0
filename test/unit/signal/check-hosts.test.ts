import { expect, test } from "@jest/globals";
import { checkHosts } from "../../../src/networks/signal/media/check-hosts.ts";
import { signalServers } from "../../../src/networks/signal/servers.ts";
import { selfSigned } from "../../kit/self-signed.ts";
import { SignalCdn } from "../../kit/signal-cdn.ts";

test("each host is asked once, and whatever it answers is an answer", async () => {
  await using host = await SignalCdn.start();
  const cdns = new Map([
    [0, host.origin],
    [3, `${host.origin}/cdn3`],
  ]);
  const storage = `${host.origin}/storageService`;
  expect(await checkHosts({ storage, cdns, ca: selfSigned.cert })).toEqual([
    { address: host.origin, failure: undefined },
  ]);
  expect(host.asked).toEqual(["HEAD /"]);
});

test("a host that is away or of another certificate is told with the code, and the others are asked", async () => {
  await using host = await SignalCdn.start();
  const away = await SignalCdn.start();
  await away[Symbol.asyncDispose]();
  const cdns = new Map([[3, away.origin]]);
  expect(await checkHosts({ storage: host.origin, cdns, ca: selfSigned.cert })).toEqual([
    { address: host.origin, failure: undefined },
    { address: away.origin, failure: "ECONNREFUSED" },
  ]);
  const { ca } = signalServers("production");
  expect(await checkHosts({ storage: host.origin, cdns: new Map(), ca })).toEqual([
    { address: host.origin, failure: "DEPTH_ZERO_SELF_SIGNED_CERT" },
  ]);
});
