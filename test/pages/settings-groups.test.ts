import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { ANA } from "../kit/flow-world.ts";
import { deskSize, PageBrowser, thereIsChromium } from "../kit/page-browser.ts";
import { card, nothingIsWrong, openSettings, refusalsAreFine, settled } from "../kit/settings-page.ts";
import { settle } from "../kit/virtual-clock.ts";

const withChromium = thereIsChromium ? describe : describe.skip;

withChromium("the settings page's groups", () => {
  let browser: PageBrowser;
  beforeAll(async () => {
    browser = await PageBrowser.start();
  });
  afterAll(async () => {
    await browser[Symbol.asyncDispose]();
  });

  test("are seen, made, left, and an invitation to one is answered, and the bridge has done it", async () => {
    await using scene = await settled();
    const { here } = scene;
    const { world } = here;
    const { client, room: bot } = await world.optsIn(ANA);
    await world.bridge.scope.settings.setRequests(ANA, false);
    for (const who of ["Bram", "Carla"]) await client.says(who, `m-${who}`, "hello");
    const family = world.network.group("Family <b>", { Bram: "owner", Carla: "admin" }, [ANA]);
    await family.says("Bram", "1", "hello");
    await settle();
    await world.bridge.scope.settings.setRequests(ANA, true);
    const club = world.network.group("Club", { Bram: "owner" }, []);
    await club.invites("Bram", "i", ANA);
    await settle();

    await using opened = await openSettings(browser, here, bot);
    const { page } = opened;
    const groups = card(page, "Groups");
    await groups.getByRole("heading", { name: "Family <b>" }).waitFor();
    await groups.getByText("3 members · WhatsApp").waitFor();
    const invitations = card(page, "Invitations to groups");
    await nothingIsWrong(opened);
    await invitations.getByRole("button", { name: "Accept: Club" }).click();
    await groups.getByRole("heading", { name: "Club" }).waitFor();
    await invitations.waitFor({ state: "detached" });
    await world.clock.advance(1_000);
    expect(club.ours.has(ANA)).toBe(true);

    await groups.getByRole("button", { name: "Leave… Club" }).click();
    const sheet = page.getByRole("dialog", { name: "Leave Club" });
    await nothingIsWrong(opened);
    await sheet.getByRole("button", { name: "Leave the group" }).click();
    await page.getByText("You leave Club as soon as the network knows.").waitFor();

    await groups.getByRole("button", { name: "New group" }).click();
    const making = page.getByRole("dialog", { name: "New group" });
    await making.getByRole("textbox", { name: "What is it called?" }).fill("Dinner");
    await making.getByRole("checkbox", { name: "Bram" }).check();
    await nothingIsWrong(opened);
    await making.getByRole("textbox", { name: /^Others/ }).fill("+31699");
    await making.getByRole("button", { name: "Make the group" }).click();
    await making.getByRole("alert").getByText(/\w/).waitFor();
    refusalsAreFine(opened);
    expect(world.network.groupsById.size).toBe(2);
    await making.getByRole("textbox", { name: /^Others/ }).fill("");
    await making.getByRole("button", { name: "Make the group" }).click();
    await page.getByText("Dinner is there.").waitFor();
    await groups.getByRole("heading", { name: "Dinner" }).waitFor();
    await page.setViewportSize(deskSize);
    await nothingIsWrong(opened);

    expect(await card(page, "Encryption").count()).toBe(0);
    world.homeserver.secrecy.isOn = true;
    await page.reload();
    const encryption = card(page, "Encryption");
    await encryption.getByText("AbCd EfGh IjKl").waitFor();
    await encryption.getByRole("button", { name: "Encrypt… Your chat with the bot" }).waitFor();
    await encryption.getByRole("button", { name: "Encrypt… Bram" }).click();
    const encrypting = page.getByRole("dialog", { name: "Encrypt Bram" });
    await encrypting.getByText(/^This cannot be undone/).waitFor();
    await nothingIsWrong(opened);
    await encrypting.getByRole("button", { name: "Encrypt for good" }).click();
    await page.getByText("Encrypted from now on: Bram.").waitFor();
    await encryption.getByText(/^1 of \d chats is encrypted$/).waitFor();
    const { room } = await world.portal(ANA, "Bram");
    expect(world.homeserver.room(room).state.has("m.room.encryption ")).toBe(true);
    await page.getByRole("combobox", { name: "Language" }).selectOption("de");
    await card(page, "Verschlüsselung").getByText("Der Schlüssel des Bots").waitFor();
    await nothingIsWrong(opened);
  });
});
