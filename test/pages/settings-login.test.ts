import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { Page } from "playwright-core";
import { eventually } from "../kit/eventually.ts";
import { ANA, BEN } from "../kit/flow-world.ts";
import { CODE_TIME } from "../kit/linked-network.ts";
import { QUILL } from "../kit/linked-world.ts";
import { deskSize, PageBrowser, thereIsChromium } from "../kit/page-browser.ts";
import {
  card,
  focusAt,
  linkFor,
  nothingIsWrong,
  openSettings,
  refusalsAreFine,
  settled,
} from "../kit/settings-page.ts";

const withChromium = thereIsChromium ? describe : describe.skip;

/** What the code that is shown says, as far as a test can tell one from another: its picture's bytes. */
async function shownCode(page: Page): Promise<string> {
  const code = page.getByRole("img", { name: "A code to scan with your phone" });
  await code.waitFor();
  return page.evaluate<string>(`(async () => {
    const shown = () => document.querySelector(".shown .code");
    while (!shown()?.complete || shown().naturalWidth === 0) await new Promise(requestAnimationFrame);
    const picture = shown();
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [picture.naturalWidth, picture.naturalHeight];
    canvas.getContext("2d").drawImage(picture, 0, 0);
    return canvas.toDataURL();
  })()`);
}

withChromium("the settings page's networks", () => {
  let browser: PageBrowser;
  beforeAll(async () => {
    browser = await PageBrowser.start();
  });
  afterAll(async () => {
    await browser[Symbol.asyncDispose]();
  });

  test("one is turned on by keyboard alone, after three lines with the whole behind them, and off after what goes", async () => {
    await using scene = await settled();
    const { here, bot } = scene;
    const { world } = here;
    world.network.notice = {
      version: 1,
      summary: ["Who learns what.", "Where it is plain text.", "How to undo it."],
      paragraphs: ["All of it, at length.", "And more."],
      translations: {
        de: {
          summary: ["Wer was erfährt."],
          paragraphs: ["Alles, ausführlich."],
          agreement: "du das willst",
        },
      },
    };
    await using opened = await openSettings(browser, here, bot);
    const { page } = opened;
    const whatsapp = page.getByRole("switch", { name: "WhatsApp" });
    await whatsapp.waitFor();
    expect(new URL(page.url()).hash).toBe("");
    expect(await card(page, "Networks").textContent()).toContain("Off. Nothing about you is sent there.");
    await page.getByText("Nothing waits to be sent again.").waitFor();
    await page.getByText("Turn a network on, and the people you write with stand here.").waitFor();

    await page.keyboard.press("Tab");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Space");
    const notice = card(page, "Before WhatsApp is switched on");
    await notice.waitFor();
    expect(await whatsapp.getAttribute("aria-checked")).toBe("false");
    expect(await notice.getByRole("listitem").allTextContents()).toEqual(world.network.notice.summary);
    await focusAt(page, "h2", "Before WhatsApp is switched on");
    expect(await notice.getByText("All of it, at length.").isVisible()).toBe(false);
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await notice.getByText("All of it, at length.").waitFor();
    await nothingIsWrong(opened);
    await page.getByRole("combobox", { name: "Language" }).selectOption("de");
    const german = page.getByText("Wer was erfährt.");
    await german.waitFor();
    expect(await german.evaluate((line) => line.closest("[lang]")?.localName)).toBe("html");
    await page.getByText("Alles, ausführlich.").waitFor();
    await page.getByText("Mit „Ich stimme zu“ sagst du: du das willst.").waitFor();
    await page.getByRole("combobox", { name: "Sprache" }).selectOption("en");
    await notice.getByText("All of it, at length.").waitFor();
    await page.context().setOffline(true);
    await page.getByRole("button", { name: "I agree" }).click();
    await page.getByRole("alert").getByText("The bridge did not answer").waitFor();
    await page.context().setOffline(false);
    await page.getByText(/^The bridge does not answer\. What you see/).waitFor({ state: "detached" });
    await page.getByText("Everything it means").focus();
    await page.keyboard.press("Tab");
    await page.keyboard.type("Atlantis");
    await page.keyboard.press("Enter");
    await notice.getByRole("alert").getByText("Atlantis").waitFor();
    expect(world.network.enlisted.size).toBe(0);
    await page.getByRole("textbox", { name: "Your country" }).fill("NL");
    await page.keyboard.press("Enter");
    await page.getByText("Your contacts see you as @ana:test.").waitFor();
    expect(world.network.enlisted.has(ANA)).toBe(true);
    // What was not answered before was answered since.
    await page.getByText("The bridge did not answer").waitFor({ state: "detached" });
    await focusAt(page, "h2", "WhatsApp is on.");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await page.getByText(/^On since .* People see you as @ana:test\.$/).waitFor();
    await page.getByText("connected", { exact: true }).waitFor();
    await focusAt(page, "h2", "Networks");

    await whatsapp.click();
    const sheet = page.getByRole("dialog", { name: "Turn WhatsApp off" });
    await sheet.getByText("Your registration at WhatsApp as @ana:test is deleted there").waitFor();
    await nothingIsWrong(opened);
    await page.keyboard.press("Escape");
    await focusAt(page, "[role=switch][aria-label=WhatsApp]");
    expect(world.network.enlisted.has(ANA)).toBe(true);
    await page.keyboard.press("Space");
    await sheet.getByRole("button", { name: "Turn off and delete" }).click();
    await page.getByText("WhatsApp is off.").waitFor();
    expect(world.network.enlisted.has(ANA)).toBe(false);
    expect(await whatsapp.getAttribute("aria-checked")).toBe("false");
    await whatsapp.click();
    await page.getByRole("button", { name: "Not now" }).click();
    await page.getByRole("button", { name: "I agree" }).waitFor({ state: "detached" });
    expect(await whatsapp.getAttribute("aria-checked")).toBe("false");
    expect(world.network.enlisted.size).toBe(0);
    refusalsAreFine(opened);
  });

  test("a code to scan is shown large, renewed when it is too old, and gives way to what comes of it", async () => {
    await using scene = await settled();
    const { here, bot } = scene;
    const { world, quill } = here.linked;
    await using opened = await openSettings(browser, here, bot, deskSize);
    const { page } = opened;
    await page.getByRole("button", { name: "Quill: Link" }).click();
    await page.getByRole("button", { name: "Scan a QR code" }).click();
    await page.getByRole("button", { name: "I agree" }).click();
    await page.getByText("Scan this with Quill on your phone.").waitFor();
    const first = await shownCode(page);
    const size = await page.getByRole("img", { name: "A code to scan" }).boundingBox();
    expect(size?.width).toBeGreaterThan(280);
    await nothingIsWrong(opened);
    await world.clock.advance(CODE_TIME);
    expect(quill.codes).toHaveLength(2);
    await eventually("another code", async () => (await shownCode(page)) !== first);
    quill.scan("+31612345678");
    await page.getByText("Your contacts see you as +31612345678.").waitFor();
    await page.getByRole("button", { name: "All right" }).click();
    await page.getByRole("heading", { name: "+31612345678" }).waitFor();

    // A second account, by a number and a code, with what was wrong at its field.
    await page.getByRole("button", { name: "Quill: Link another account" }).click();
    await page.getByRole("button", { name: "Give your phone number" }).click();
    await page.getByRole("button", { name: "I agree" }).click();
    const number = page.getByRole("textbox", { name: "Your phone number with country code" });
    await page.getByRole("button", { name: "Continue" }).click();
    await page.getByText("Please fill this in.").waitFor();
    await number.fill("12");
    await page.keyboard.press("Enter");
    await page.getByText("That is not a phone number with country code.").waitFor();
    expect(await number.getAttribute("aria-invalid")).toBe("true");
    await nothingIsWrong(opened);
    await number.fill("+31 6 87654321");
    await page.keyboard.press("Enter");
    const digits = page.getByRole("textbox", { name: "The six digits that were sent to you" });
    await digits.fill("111111");
    await page.keyboard.press("Enter");
    await page.getByText("That code is not right.").waitFor();
    await digits.fill("246810");
    await page.keyboard.press("Enter");
    await page.getByText("Your contacts see you as +31687654321.").waitFor();
    await page.getByRole("button", { name: "All right" }).click();
    expect(await world.store.logins.of(ANA, QUILL)).toHaveLength(2);
    await page.getByRole("button", { name: "Turn off… Quill: +31612345678" }).click();
    await page.getByRole("button", { name: "Turn off and delete" }).click();
    await page.getByText("Quill is off.").waitFor();
    expect([...quill.linked.values()]).toEqual(["+31687654321"]);
  });

  test("a login that was begun in the chat with the bot goes on here, and what ends it there is seen here", async () => {
    await using scene = await settled();
    const { here, bot } = scene;
    const { world, quill } = here.linked;
    await using opened = await openSettings(browser, here, bot);
    const { page } = opened;
    await page.getByRole("switch", { name: "WhatsApp" }).waitFor();
    await world.says(ANA, bot, "enable quill qr");
    await page.getByText("Begun in your chat with the bot. Go on here or there.").waitFor();
    await world.says(ANA, bot, "yes");
    await shownCode(page);
    await world.says(ANA, bot, "cancel");
    await page.getByText("This was ended elsewhere, or took too long. Nothing was turned on.").waitFor();
    refusalsAreFine(opened);
    await page.getByRole("button", { name: "All right" }).click();

    await world.says(ANA, bot, "enable quill qr");
    await page.getByRole("button", { name: "I agree" }).click();
    await shownCode(page);
    quill.refuses("Your phone said no.");
    await page.getByText("Quill is not turned on. Your phone said no.").waitFor();
    await page.getByRole("button", { name: "All right" }).click();

    await world.says(ANA, bot, "enable quill qr");
    await page.getByRole("button", { name: "I agree" }).click();
    await shownCode(page);
    await page.getByRole("button", { name: "Cancel" }).click();
    await page.getByText("Scan this with Quill").waitFor({ state: "detached" });
    expect(quill.open).toBe(0);
  });

  test("each link opens its own person's settings, once, and says how to get another", async () => {
    await using scene = await settled();
    const { here, bot } = scene;
    const { world } = here;
    await world.optsIn(ANA);
    const bens = await world.meets(BEN);
    const link = await linkFor(here, BEN, bens);
    await using opened = await browser.open(link, deskSize);
    await opened.page.getByText("You are @ben:test.").waitFor();
    await opened.page.getByText("Off. Nothing about you is sent there.").first().waitFor();
    expect(await opened.page.content()).not.toContain("@ana:test");
    await opened.page.reload();
    await opened.page.getByText("You are @ben:test.").waitFor();
    const { headers } = await fetch(new URL("/settings/", here.url));
    expect(headers.get("content-security-policy")).toContain("frame-ancestors 'none'");

    await using second = await browser.open(link, deskSize);
    await second.page.getByText("You are signed out here.").waitFor();
    await second.page.getByText("This link was used already; it opens the page once.").waitFor();
    await second.page.getByText(/^Write “settings” to the bridge's bot/).waitFor();
    refusalsAreFine(second);
    await nothingIsWrong(second);

    here.sessions.endAll(BEN);
    await opened.page.getByRole("switch", { name: "WhatsApp" }).click();
    await opened.page.getByText("You are signed out here.").waitFor();
    await opened.page.getByText(`Write “settings” to ${world.homeserver.bot}`).waitFor();
    await using third = await openSettings(browser, here, bot);
    await third.page.getByRole("button", { name: "Sign out" }).click();
    await third.page.getByText("You are signed out here.").waitFor();
    await third.page.reload();
    await third.page.getByText("You are signed out here.").waitFor();
    // A new link in the tab that is open already: the browser loads nothing for it.
    await third.page.goto(await linkFor(here, ANA, bot));
    await third.page.getByText("You are @ana:test.").waitFor();
    expect(new URL(third.page.url()).hash).toBe("");
    await third.page.goto(await linkFor(here, BEN, bens));
    await third.page.getByText("You are @ben:test.").waitFor();
    expect(await third.page.content()).not.toContain("@ana:test");
  });
});
