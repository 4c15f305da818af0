import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { Person } from "../../../tools/signal-mock/person.ts";
import { eventually } from "../../kit/eventually.ts";
import { LinkingWorld } from "../../kit/signal/linking.ts";
import { SignalSession } from "../../kit/signal/signal-session.ts";
import { TcpGate } from "../../kit/tcp-gate.ts";
import { VirtualClock } from "../../kit/virtual-clock.ts";

const clock = new VirtualClock();
let gate: TcpGate;
let world: LinkingWorld;
let session: SignalSession;
let wim: Person;
beforeAll(async () => {
  world = await LinkingWorld.behind(async (port) => (gate = await TcpGate.to(port)), { clock });
  session = await SignalSession.start(world);
  wim = await world.mock.person("Wim");
}, 30_000);
afterAll(async () => {
  await session[Symbol.asyncDispose]();
  await world[Symbol.asyncDispose]();
  await gate[Symbol.asyncDispose]();
});

const arrived = (timestamp: number) =>
  session.sink.until("the message", () =>
    session.sink.events.find(({ kind, id }) => kind === "message" && id.endsWith(`/${timestamp}`)),
  );

test("connections that died without a word are noticed within half a minute, and what is written both ways arrives", async () => {
  const { timestamp } = await wim.says(session.phone, "before");
  await arrived(timestamp);
  await session.says(wim, "before, by the connection on which nobody says who they are");
  expect(await wim.hears("before, by the connection on which nobody says who they are")).toMatchObject({
    sealed: true,
  });
  const states = session.sink.states.length;
  const began = { virtual: clock.now(), real: performance.now() };
  gate.forget();
  const meanwhile = await wim.says(session.phone, "meanwhile");
  const isNoticed = () => session.sink.states.length > states;
  // The question is asked by the bridge's clock, and libsignal waits for the answer by its own.
  await clock.advance(18_000);
  await eventually("the end of the connection", isNoticed, 20);
  const noticedAfter = clock.now() - began.virtual + (performance.now() - began.real);
  expect(noticedAfter).toBeLessThan(30_000);
  await eventually("another connection", async () => {
    await clock.advance(100);
    return session.client.state.kind === "connected";
  });
  await arrived(meanwhile.timestamp);
  await session.says(wim, "afterwards");
  await wim.hears("afterwards");
}, 60_000);
