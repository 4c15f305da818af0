import { readFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import { eventually } from "../kit/eventually.ts";
import { anaOnSynapse } from "../kit/on-synapse.ts";

const here = anaOnSynapse({ secrets: ["Dirk Dicht"], puppets: true, networks: ["whatsapp"] });

test("an account that Synapse's administrator deactivates is deleted at the network", async () => {
  const chat = await here.chat("whatsapp", "Dirk Dicht");
  const admin = await here.world.admin();
  await admin.ask("POST", `v1/deactivate/${encodeURIComponent(here.ana.userId)}`, { erase: false });
  const { bridge } = here.world.world.files.logs;
  const said = (words: string) => (): boolean => readFileSync(bridge, "utf8").includes(words);
  await eventually("the bridge to notice", said("its registration at the network is taken back"), 30);
  await expect(chat.phone.says(here.ana.userId, "hello?")).rejects.toThrow("404");
});
