import { setTimeout as pause } from "node:timers/promises";
import { beforeAll, describe, expect, test } from "@jest/globals";
import { askBot } from "../../tools/demo/opt-in.ts";
import type { SignalPhone } from "../../tools/signal-mock/client.ts";
import { onSynapse } from "../kit/on-synapse.ts";
import { base64, blob, sha256 } from "../kit/sample-files.ts";
import { secondOpinion } from "../kit/second-opinion.ts";
import { carryThrough } from "../kit/traffic.ts";
import type { TestPerson } from "../kit/world.ts";

/** How often the bridge is killed; a hundred take some five minutes. */
const KILLS = Number(process.env["SIGNAL_KILLS"] ?? 5);
/** How often the network's faults are gone through, two restarts of the server each time; ten take some three minutes. */
const ROUNDS = Number(process.env["SIGNAL_BREAKS"] ?? 1);
/** Messages each way. */
const MESSAGES = Math.max(100, KILLS * 4);

describe("Signal's messages both ways, nothing lost, nothing twice, in order, when", () => {
  const here = onSynapse({ secrets: ["Kees Klap", "sgnl://"], signal: true });
  let ana: TestPerson;
  let own: SignalPhone;

  beforeAll(async () => {
    ana = await here.world.person("Ana", []);
    own = await here.world.linksSignal(ana, "Ana Eigen");
    await askBot(ana.client, here.world.botId, ana.management, "requests off", /./);
  });

  const contact = (name: string) => here.world.world.signalControl.person(name);
  const dies = async (): Promise<void> => {
    await here.world.world.bridge.kill("SIGKILL");
    await here.world.world.startBridge();
  };

  test(
    `the bridge is killed with -9 ${KILLS} times, in sends and between decryption, commit and acknowledgement`,
    async () => {
      const { signalControl } = here.world.world;
      const phones = await Promise.all([contact("Kees Klap"), contact("Kim Klap")]);
      const faults = async (moment: (share: number) => Promise<void>): Promise<void> => {
        for (let kill = 0; kill < KILLS; kill += 1) {
          await moment((kill + 0.3) / KILLS);
          // Of these the bridge has committed what the server does not know it has.
          if (kill % 2 === 1) await signalControl.fails({ fault: "lose-acks" });
          await moment((kill + 0.7) / KILLS);
          await dies();
          await signalControl.mends();
        }
      };
      await carryThrough(here.world, ana, phones, MESSAGES, faults, own.aci);
    },
    60_000 + KILLS * 10_000,
  );

  test(
    `connections break at random, are refused and lose answers, and the server restarts (rounds: ${ROUNDS})`,
    async () => {
      const { signalControl, bridge } = here.world.world;
      const phones = await Promise.all([contact("Bas Breuk"), contact("Bo Breuk")]);
      const faults = async (moment: (share: number) => Promise<void>): Promise<void> => {
        for (let round = 0; round < ROUNDS; round += 1) {
          const at = (share: number): Promise<void> => moment((round + share) / ROUNDS);
          await at(0.1);
          await signalControl.fails({ fault: "drop-connections" });
          await at(0.2);
          await signalControl.fails({ fault: "restart", away: 300 });
          await at(0.3);
          await signalControl.fails({ fault: "send", kind: "lost", times: 3 });
          await at(0.4);
          await signalControl.fails({ fault: "upgrade", status: 503, times: 3 });
          await signalControl.fails({ fault: "drop-connections" });
          await at(0.5);
          await signalControl.fails({ fault: "drop-connections", chance: 0.5 });
          await at(0.6);
          await signalControl.fails({ fault: "send", kind: "unavailable", times: 3 });
          await at(0.7);
          // What the bridge has committed the server does not know it has.
          await signalControl.fails({ fault: "lose-acks" });
          await at(0.8);
          await signalControl.fails({ fault: "restart" });
          await at(0.9);
          await signalControl.fails({ fault: "drop-connections", chance: 0.5 });
          await signalControl.mends();
        }
      };
      await carryThrough(here.world, ana, phones, Math.max(100, ROUNDS * 40), faults, own.aci);
      expect(bridge.running).toBe(true);
    },
    60_000 + ROUNDS * 20_000,
  );

  test("the bridge is killed with -9 in uploads and downloads, and every file comes once", async () => {
    const { client } = ana;
    const phone = await contact("Fien File");
    const opened = client.next("the opening", ({ content }) => content["body"] === "opening");
    await phone.says(own.aci, "opening");
    const { roomId, sender } = await opened;
    const files = Array.from({ length: 4 }, (_, index) => blob(4_000_000 + index));
    const viewer = await here.world.otherClient("ana");
    const isFile = ({
      type,
      content,
    }: {
      readonly type: string;
      readonly content: Readonly<Record<string, unknown>>;
    }) => type === "m.room.message" && content["msgtype"] === "m.file";
    for (const [index, bytes] of files.entries()) {
      const name = `file ${index}`;
      const url = await viewer.upload(bytes, "application/pdf");
      const info = { mimetype: "application/pdf", size: bytes.length };
      await client.send(roomId, "m.room.message", { msgtype: "m.file", body: name, url, info });
      const media = base64(bytes);
      await phone.does("sends", { to: own.aci, as: "file", media, mimetype: "application/pdf", name });
      if (index === files.length - 1) break;
      // From before the bridge has heard of it to when it is at the host.
      await pause(150 * index + 50);
      await dies();
    }
    await client.say(roomId, "that was all");
    await phone.hears("that was all", { seconds: 120 });
    const shown = await viewer.room(roomId, "all files", ({ events }) => {
      const theirs = events.filter((event) => isFile(event) && event.sender === sender);
      return theirs.length >= files.length && theirs;
    });
    const names = files.map((_, index) => `file ${index}`);
    expect(shown.map(({ content }) => content["body"])).toEqual(names);
    for (const [index, { content }] of shown.entries())
      expect(sha256((await viewer.download(content["url"])).bytes)).toBe(sha256(files[index] ?? blob(0)));
    const { items } = await phone.inbox();
    const heard = items.filter(({ kind, repeat }) => kind === "file" && repeat !== true);
    const found = heard.map(({ media }) => ({ name: media?.name, sha256: media?.sha256 }));
    expect(found).toEqual(files.map((bytes, index) => ({ name: names[index], sha256: sha256(bytes) })));
  });

  test("the bridge is away while our person's phone and the contact write in turn", async () => {
    const phone = await contact("Wout Weg");
    const opened = ana.client.next("the opening", ({ content }) => content["body"] === "hello from Wout");
    await phone.says(own.aci, "hello from Wout");
    const { roomId } = await opened;
    await here.world.world.bridge.kill("SIGKILL");
    const texts: string[] = [];
    for (let turn = 0; turn < 20; turn += 1) {
      const text = `turn ${turn}`;
      texts.push(text);
      if (turn % 2 === 0) await phone.says(own.aci, text);
      else await own.does("writesFromPhone", { to: phone.aci, text });
    }
    const last = ana.client.next("the last", ({ content }) => content["body"] === texts.at(-1));
    await here.world.world.startBridge();
    await last;
    const shown = await secondOpinion(here.world.world.homeserver, "ana", "ana-password", roomId);
    expect(shown.map(({ body }) => body)).toEqual(["hello from Wout", ...texts]);
  });
});
