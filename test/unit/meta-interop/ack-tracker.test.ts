import { afterEach, describe, expect, test } from "@jest/globals";
import { BridgeError } from "../../../src/core/model/errors.ts";
import type { LoginId } from "../../../src/core/model/ids.ts";
import type { Clock } from "../../../src/core/ports/clock.ts";
import { AckTracker } from "../../../src/networks/meta-interop/connection/ack-tracker.ts";
import { type Node, node } from "../../../src/networks/meta-interop/wire/node.ts";
import { hurriedClock } from "../../kit/hurried-clock.ts";
import { InteropPair } from "../../kit/interop-pair.ts";
import { VirtualClock } from "../../kit/virtual-clock.ts";

const LOGIN = "login-1" as LoginId;
const lost = (certain: boolean) =>
  new BridgeError("remote-unreachable", { words: "lost", certain, retryAfter: 0 });
const poison = node("message", { id: "P", to: "bram" });
const good = node("message", { id: "G", to: "cas" });

/** A line that acknowledges what `takes` says, and loses the rest. */
function desk(takes: (message: Node) => boolean) {
  const clock = new VirtualClock();
  const unanswered = new AckTracker(clock, "WhatsApp");
  const line = {
    takes,
    left: [] as string[],
    async deliver(message: Node): Promise<Node> {
      line.left.push(message.attrs["id"] ?? "");
      if (!line.takes(message)) throw lost(false);
      return node("ack", { class: "message", id: message.attrs["id"] });
    },
  };
  /** As a chat's lane does it; gives the last try's outcome. */
  const send = async (message: Node, most: number): Promise<"sent" | "given up" | "waits"> => {
    for (let tries = 0; tries < most; tries++) {
      try {
        await unanswered.deliver(line, LOGIN, message);
        return "sent";
      } catch (error) {
        const { retryAfter, certain } = BridgeError.from(error);
        expect(certain).toBe(false);
        if (retryAfter === undefined) return "given up";
        await clock.advance(retryAfter);
      }
    }
    return "waits";
  };
  return { clock, line, send, unanswered };
}

describe("a message that is never acknowledged", () => {
  test("is given up after ten tries over minutes, and not before", async () => {
    const { clock, line, send } = desk(() => false);
    const start = clock.now();
    expect(await send(poison, 100)).toBe("given up");
    expect(line.left).toHaveLength(10);
    expect(clock.now() - start).toBeGreaterThan(120_000);
  });

  test("is given up though another chat's is lost with it, once anything is acknowledged", async () => {
    const { line, send } = desk(() => false);
    expect(await send(poison, 1)).toBe("waits");
    expect(await send(good, 1)).toBe("waits");
    line.takes = ({ attrs }) => attrs["id"] === "G";
    expect(await send(good, 1)).toBe("sent");
    expect(await send(poison, 100)).toBe("given up");
  });

  test("is waited for without bound where it is so in every chat", async () => {
    const { line, send } = desk(() => false);
    for (let tries = 0; tries < 100; tries++) {
      expect(await send(poison, 1)).toBe("waits");
      expect(await send(good, 1)).toBe("waits");
    }
    line.takes = () => true;
    expect(await send(poison, 1)).toBe("sent");
    expect(await send(good, 1)).toBe("sent");
  });

  test("leaves no sooner for being hurried, and a clock set back does not keep it", async () => {
    const { clock, line, unanswered, send } = desk(() => false);
    for (let tries = 0; tries < 4; tries++) await send(poison, 1);
    await expect(unanswered.deliver(line, LOGIN, poison)).rejects.toMatchObject({ certain: false });
    await expect(unanswered.deliver(line, LOGIN, poison)).rejects.toMatchObject({ retryAfter: 4_000 });
    expect(line.left).toHaveLength(5);
    clock.now = () => 0;
    await expect(unanswered.deliver(line, LOGIN, poison)).rejects.toMatchObject({ retryAfter: 4_000 });
  });

  test("is not counted where it did not leave", async () => {
    const { line, unanswered, send } = desk(() => false);
    const deliver = line.deliver.bind(line);
    line.deliver = () => Promise.reject(lost(true));
    for (let tries = 0; tries < 20; tries++) {
      await expect(unanswered.deliver(line, LOGIN, poison)).rejects.toMatchObject({ certain: true });
    }
    line.deliver = deliver;
    expect(await send(poison, 9)).toBe("waits");
  });

  test("goes alone when it goes again", async () => {
    const { clock, line, unanswered, send } = desk(() => false);
    await Promise.all([send(poison, 1), send(good, 1)]);
    await clock.advance(1_000);
    const gate = Promise.withResolvers<Node>();
    const under: string[] = [];
    line.deliver = ({ attrs }) => {
      under.push(attrs["id"] ?? "");
      return gate.promise;
    };
    const both = [unanswered.deliver(line, LOGIN, poison), unanswered.deliver(line, LOGIN, good)];
    await clock.advance(0);
    expect(under).toEqual(["P"]);
    gate.resolve(node("ack"));
    await Promise.all(both);
    expect(under).toEqual(["P", "G"]);
  });
});

describe("on a connection", () => {
  let pair: InteropPair;
  afterEach(() => pair[Symbol.asyncDispose]());
  const ack = ({ attrs: { id, to } }: Node) => node("ack", { class: "message", id, from: to });

  /** The last failure of a message that is sent until it is given up. */
  const sendOn = async (id: string, most: number): Promise<BridgeError | undefined> => {
    for (let tries = 1; ; tries++) {
      try {
        await pair.send(id, "text");
        return undefined;
      } catch (error) {
        const fault = BridgeError.from(error);
        if (fault.retryAfter === undefined || tries === most) return fault;
        await new Promise<void>((done) => void hurriedClock.after(fault.retryAfter ?? 0, done));
      }
    }
  };

  test("that each time ends at a message, the message is given up and the next one goes", async () => {
    pair = await InteropPair.start(hurriedClock);
    pair.gatekeeper.ack = (message) => {
      if (message.attrs["id"] !== "POISON") return ack(message);
      pair.gatekeeper.cut();
      return undefined;
    };
    expect(await sendOn("POISON", 100)).toMatchObject({
      reason: "remote-refused",
      certain: false,
      words: expect.stringContaining("did not confirm this message"),
    });
    await pair.client.connected(AbortSignal.timeout(10_000));
    await pair.send("NEXT", "text");
  }, 30_000);

  /** Once it hurries, ten and fifteen seconds pass in milliseconds; nothing else does. */
  const impatient = () => {
    const clock: Clock & { hurries: boolean } = {
      hurries: false,
      now: () => Date.now(),
      after(ms, act) {
        const hurried = ms === 10_000 ? 20 : ms === 15_000 ? 100 : ms;
        const timer = setTimeout(act, clock.hurries ? hurried : ms);
        return () => clearTimeout(timer);
      },
    };
    return clock;
  };

  test("that answers, a missing acknowledgement ends nothing", async () => {
    const clock = impatient();
    pair = await InteropPair.start(clock);
    pair.gatekeeper.ack = ack;
    await pair.send("X0", "the session is there");
    pair.gatekeeper.ack = () => undefined;
    clock.hurries = true;
    expect(await sendOn("X1", 1)).toMatchObject({ reason: "remote-unreachable", certain: false });
    clock.hurries = false;
    pair.gatekeeper.ack = ack;
    await pair.send("X2", "text");
    expect(pair.gatekeeper.connections).toBe(1);
  });

  test("that answers nothing, it is the end of the connection", async () => {
    const clock = impatient();
    pair = await InteropPair.start(clock);
    pair.gatekeeper.ack = ack;
    await pair.send("X0", "the session is there");
    pair.gatekeeper.ack = () => undefined;
    const ping = "urn:xmpp:ping get";
    const answer = pair.gatekeeper.answers.get(ping);
    pair.gatekeeper.answers.set(ping, () => undefined);
    clock.hurries = true;
    expect(await sendOn("X1", 1)).toMatchObject({ reason: "remote-unreachable", certain: false });
    clock.hurries = false;
    pair.gatekeeper.ack = ack;
    if (answer) pair.gatekeeper.answers.set(ping, answer);
    await pair.client.connected(AbortSignal.timeout(10_000));
    await pair.send("X2", "text");
    expect(pair.gatekeeper.connections).toBe(2);
  });
});
