import { expect, test } from "@jest/globals";
import { secondOpinion } from "../kit/second-opinion.ts";
import { TestSynapse } from "../kit/synapse.ts";
import { e2eTimeout } from "../kit/world.ts";

test(
  "the kit's Synapse has no rate limits, keeps everything over kill -9, and two makers' clients agree",
  async () => {
    await using synapse = await TestSynapse.start();
    const ana = await synapse.person("ana");
    const room = await ana.createRoom({ name: "diary" });
    const texts = Array.from({ length: 60 }, (_, number) => `line ${number}`);
    for (const text of texts.slice(0, 30)) await ana.say(room, text);

    await synapse.process.kill("SIGKILL");
    const resumed = ana.next("the last line", ({ content }) => content["body"] === "line 59");
    const sent = ana.sayUntilTaken(room, texts[30] ?? "");
    await synapse.launch();
    await sent;
    for (const text of texts.slice(31)) await ana.say(room, text);
    await resumed;

    const history = (await ana.history(room)).filter(({ type }) => type === "m.room.message");
    expect(history.map(({ content }) => content["body"])).toEqual(texts);
    const shown = await secondOpinion(synapse.url, "ana", "password", room);
    expect(shown).toEqual(texts.map((body) => ({ sender: ana.userId, body })));
  },
  e2eTimeout,
);
