import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { BridgeError } from "../../src/core/model/errors.ts";
import { ANA, BEN } from "../kit/flow-world.ts";
import { deskSize, PageBrowser, thereIsChromium } from "../kit/page-browser.ts";
import {
  card,
  fails,
  focusAt,
  nothingIsWrong,
  openSettings,
  refusalsAreFine,
  settled,
} from "../kit/settings-page.ts";
import { settle } from "../kit/virtual-clock.ts";

const withChromium = thereIsChromium ? describe : describe.skip;

withChromium("the settings page's requests, data and administration", () => {
  let browser: PageBrowser;
  beforeAll(async () => {
    browser = await PageBrowser.start();
  });
  afterAll(async () => {
    await browser[Symbol.asyncDispose]();
  });

  test("who writes for the first time is accepted or declined; one's data is a file, and is deleted after what goes", async () => {
    await using scene = await settled();
    const { here } = scene;
    const { world } = here;
    world.puppets.there = true;
    const { client, room: bot } = await world.optsIn(ANA);
    for (const who of ["Bram", "Mara"]) await client.says(who, `m-${who}`, "hello");
    await settle();
    await using opened = await openSettings(browser, here, bot);
    const { page } = opened;
    const requests = card(page, "Wants to write to you");
    await requests.getByRole("heading", { name: "Mara" }).waitFor();
    expect(await card(page, "People").getByRole("heading", { level: 3 }).count()).toBe(0);
    await nothingIsWrong(opened);
    await requests.getByRole("button", { name: "Accept: Bram" }).click();
    await card(page, "People").getByRole("heading", { name: "Bram" }).waitFor();
    await requests.getByRole("button", { name: "Decline: Mara" }).click();
    await requests.waitFor({ state: "detached" });
    await focusAt(page, "h2", "Did not get through");
    await page.getByText("Declined: Mara.").waitFor();
    const names = card(page, "People").getByRole("heading", { level: 3 });
    expect(await names.allTextContents()).toEqual(["Bram"]);

    const file = page.waitForEvent("download");
    await page.getByRole("button", { name: "Export my data" }).click();
    expect((await file).suggestedFilename()).toBe("third-party-chats.json");
    await page.getByText("Your data is a file in your downloads.").waitFor();
    await page.getByRole("button", { name: "Delete my data…" }).click();
    const sheet = page.getByRole("dialog", { name: "Delete my data" });
    await sheet.getByText("All your networks are turned off").waitFor();
    await nothingIsWrong(opened);
    world.diskFull = true;
    await sheet.getByRole("button", { name: "Delete all of it" }).click();
    await sheet.getByRole("alert").getByText("The disk is full.").waitFor();
    world.diskFull = false;
    refusalsAreFine(opened);
    expect(world.network.enlisted.has(ANA)).toBe(true);
    await sheet.getByRole("button", { name: "Delete all of it" }).click();
    await page.getByText("It is being deleted.").waitFor();
    await page.getByText("Off. Nothing about you is sent there.").first().waitFor();
    expect(world.network.enlisted.has(ANA)).toBe(false);
  });

  test("an administrator sees accounts with reasons, what waits and was given up, versions, and tries and backs up; nobody else does", async () => {
    await using scene = await settled();
    const { here } = scene;
    const { world } = here;
    const { client, room: bot } = await world.optsIn(ANA);
    await using plain = await openSettings(browser, here, bot, deskSize);
    await plain.page.getByRole("switch", { name: "WhatsApp" }).waitFor();
    expect(await plain.page.getByRole("button", { name: "This bridge" }).count()).toBe(0);

    await world.bridge.scope.settings.setRequests(ANA, false);
    await client.says("Bram", "m1", "a secret");
    await settle();
    await fails(here, client, "Bram");
    const { client: bens } = await world.optsIn(BEN);
    const trouble = { address: "wss://gate.test", what: "The certificate has expired.", cure: "Renew it." };
    bens.state = { kind: "waiting", words: "WhatsApp cannot be reached.", trouble } as typeof bens.state;
    bens.sink.state(bens.state);
    await settle();
    world.admins.add(ANA);
    here.operations.check = async () => [
      {
        name: "The network",
        findings: [
          { kind: "good", what: "Its name is found." },
          { kind: "bad", what: "It does not answer.", where: "gate.test:443", cure: "Open the port." },
        ],
      },
    ];
    await using opened = await openSettings(browser, here, bot, deskSize);
    const { page } = opened;
    await page.getByRole("button", { name: "This bridge" }).click();
    const logins = card(page, "Everybody's accounts");
    await logins.getByText("wss://gate.test: The certificate has expired. Renew it.").waitFor();
    expect(await logins.getByRole("heading", { level: 3 }).allTextContents()).toEqual([BEN, ANA]);
    await logins.getByRole("button", { name: `Connect anew: ${BEN}, WhatsApp` }).click();
    await page.getByText(`${BEN} is being connected anew.`).waitFor();
    await card(page, "Given up last").getByText("to the network").waitFor();
    expect(await page.locator("main").textContent()).not.toContain("see you at nine");
    expect(await page.locator("main").textContent()).not.toContain("a secret");
    await page.getByRole("button", { name: "Try every link" }).click();
    await page.getByText("1 thing is wrong.").waitFor();
    await page.getByText("Open the port.").waitFor();
    const who = page.getByRole("textbox", { name: "Their whole Matrix id, such as @ana:example.org" });
    await who.fill("@eve:elsewhere");
    await page.keyboard.press("Enter");
    await page.getByText("@eve:elsewhere may not use this bridge.").waitFor();
    await who.fill("eve");
    await page.keyboard.press("Enter");
    await page.getByText(/must be a whole Matrix id/).waitFor();
    await page.getByRole("button", { name: "Back up now" }).click();
    await page.getByText("Backed up 1 file to /backups/one.").waitFor();
    here.operations.backUp = async () => {
      throw new BridgeError("storage", { words: "The backup folder is full.", certain: true });
    };
    await page.getByRole("button", { name: "Back up now" }).click();
    await page.getByRole("alert").getByText("The backup folder is full.").waitFor();
    refusalsAreFine(opened);
    await nothingIsWrong(opened);
    await page.getByRole("combobox", { name: "Language" }).selectOption("de");
    await page.getByRole("region", { name: "Alle Konten" }).waitFor();
    expect(await page.getByText(/must be a whole Matrix id/).getAttribute("lang")).toBe("en");
    await nothingIsWrong(opened);
  });
});
