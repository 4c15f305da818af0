import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { BridgeError } from "../../src/core/model/errors.ts";
import type { PersonId } from "../../src/core/model/ids.ts";
import { ANA } from "../kit/flow-world.ts";
import { keepsMessages } from "../kit/kept-messages.ts";
import { deskSize, PageBrowser, phoneSize, thereIsChromium } from "../kit/page-browser.ts";
import {
  card,
  chosen,
  fails,
  findable,
  focusAt,
  nothingIsWrong,
  openSettings,
  refusalsAreFine,
  settled,
} from "../kit/settings-page.ts";
import { settle } from "../kit/virtual-clock.ts";

const withChromium = thereIsChromium ? describe : describe.skip;

withChromium("the settings page's people and settings", () => {
  let browser: PageBrowser;
  beforeAll(async () => {
    browser = await PageBrowser.start();
  });
  afterAll(async () => {
    await browser[Symbol.asyncDispose]();
  });

  /** Ana with three contacts. */
  async function acquainted() {
    const { here, ...scene } = await settled();
    const { client, room: bot } = await here.world.optsIn(ANA);
    await here.world.bridge.scope.settings.setRequests(ANA, false);
    for (const who of ["Bram", "Wim de Vries", "Zoé <i>Ruiz</i>"])
      await client.says(who, `m-${who}`, `hello from ${who}`);
    await settle();
    return { here, client, bot, [Symbol.asyncDispose]: scene[Symbol.asyncDispose] };
  }

  test("contacts are searched, blocked, muted, made quiet, reported and compared, and the bridge has done it", async () => {
    await using scene = await acquainted();
    const { here, client, bot } = scene;
    const { world } = here;
    await using opened = await openSettings(browser, here, bot);
    const { page } = opened;
    const people = card(page, "People");
    await people.getByRole("heading", { name: "Zoé <i>Ruiz</i>" }).waitFor();
    const names = () => people.getByRole("heading", { level: 3 }).allTextContents();
    expect(await names()).toEqual(["Bram", "Wim de Vries", "Zoé <i>Ruiz</i>"]);
    const search = page.getByRole("searchbox", { name: "Search your contacts" });
    await search.fill("ZOE");
    await people.getByText("1 contact", { exact: true }).waitFor();
    expect(await names()).toEqual(["Zoé <i>Ruiz</i>"]);
    await search.fill("nobody");
    await people.getByText("None of your contacts is called “nobody”.").waitFor();
    await search.fill("");

    await page.getByRole("button", { name: "What to do about Wim de Vries" }).click();
    await page.getByRole("switch", { name: "Block Wim de Vries" }).click();
    await people.getByText("blocked by you").waitFor();
    expect([...client.blocked]).toEqual(["Wim de Vries"]);
    await page.getByRole("switch", { name: "Block Wim de Vries" }).click();
    await people.getByText("blocked by you").waitFor({ state: "detached" });
    expect(client.blocked.size).toBe(0);
    await page.getByRole("switch", { name: "Do not invite me again" }).click();
    await page.locator(".switch[aria-checked=true][aria-label='Do not invite me again']").waitFor();

    expect(await page.getByRole("combobox", { name: "Quiet for" }).count()).toBe(0);
    world.puppets.there = true;
    // Whatever changes has the page look again.
    await world.says(ANA, bot, "receipts off");
    await page.getByRole("combobox", { name: "Quiet for" }).selectOption("8 hours");
    await people.getByText(/^Quiet until /).waitFor();
    await page.getByRole("combobox", { name: "Quiet for" }).selectOption("not quiet");
    await people.getByText(/^Quiet until /).waitFor({ state: "detached" });
    await keepsMessages(world, ANA, "Wim de Vries");
    await page.getByRole("button", { name: "Report…" }).click();
    const report = page.getByRole("dialog", { name: "Report Wim de Vries" });
    await report.getByText("hello from Wim de Vries").waitFor();
    await nothingIsWrong(opened);
    expect(client.reports).toEqual([]);
    // What comes in while it is read is not handed over.
    await client.says("Wim de Vries", "m-2", "by the way");
    await settle();
    await report.getByRole("button", { name: "Hand over and report" }).click();
    await page.getByText("Reported to WhatsApp.").waitFor();
    expect(client.reports).toEqual([[expect.objectContaining({ text: "hello from Wim de Vries" })]]);
    expect(client.blocked.has("Wim de Vries" as PersonId)).toBe(true);
    await page.getByRole("switch", { name: "Block Wim de Vries" }).click();

    await page.getByRole("button", { name: "Compare the safety number" }).click();
    const code = page.getByRole("img", { name: "The safety number as a code" });
    await code.waitFor();
    await page.evaluate("document.querySelector('.compare .code').decode()");
    expect(await page.locator(".digits span").allTextContents()).toHaveLength(12);
    await page.getByRole("button", { name: "They differ" }).click();
    await page.getByText("Then write nothing secret in this chat").waitFor();
    refusalsAreFine(opened);
    await nothingIsWrong(opened);
    await page.getByRole("button", { name: "They are the same" }).click();
    await people.getByText("You have compared this number, and it was the same.").waitFor();
    await focusAt(page, "h4", "Compare with Wim de Vries's phone");
    const [login] = await world.store.logins.of(ANA, world.network.id);
    if (login === undefined) throw new Error("no login");
    const trust = async () => (await world.store.contacts.get(login.id, "Wim de Vries" as PersonId))?.trust;
    expect(await trust()).toBe("verified");
    await page.getByRole("button", { name: "Compare anew" }).click();
    await page.getByRole("button", { name: "They are the same" }).waitFor();
    expect(await trust()).toBe("unverified");
  });

  test("what a report could not do is said in its sheet, and what was handed over is handed over once", async () => {
    await using scene = await acquainted();
    const { here, client, bot } = scene;
    await keepsMessages(here.world, ANA, "Bram");
    await using opened = await openSettings(browser, here, bot);
    const { page } = opened;
    await page.getByRole("button", { name: "What to do about Bram" }).click();
    await page.getByRole("button", { name: "Report…" }).click();
    const sheet = page.getByRole("dialog", { name: "Report Bram" });
    const handOver = sheet.getByRole("button", { name: "Hand over and report" });
    const refusal = new BridgeError("remote-refused", { words: "Too many reports.", certain: true });
    client.report = () => Promise.reject(refusal);
    await handOver.click();
    await sheet.getByRole("alert").getByText("Too many reports.").waitFor();
    refusalsAreFine(opened);
    await nothingIsWrong(opened);
    Reflect.deleteProperty(client, "report");
    client.setBlocked = () => Promise.reject(refusal);
    await handOver.click();
    await page.getByRole("alert").getByText("Reported to WhatsApp. Bram could not be blocked").waitFor();
    await sheet.waitFor({ state: "detached" });
    expect(client.reports).toHaveLength(1);
    Reflect.deleteProperty(client, "setBlocked");
    await page.getByRole("switch", { name: "Block Bram" }).click();
    await page.getByText("blocked by you").waitFor();
  });

  test("a chat is begun with whom one looked up first; what failed is sent again or discarded", async () => {
    await using scene = await acquainted();
    const { here, client, bot } = scene;
    const { world } = here;
    findable(here, "+31611", "Jan Smit");
    findable(here, "+31612", "Olaf", "off");
    await using opened = await openSettings(browser, here, bot, deskSize);
    const { page } = opened;
    await page.getByRole("button", { name: "New chat" }).click();
    const sheet = page.getByRole("dialog", { name: "New chat" });
    const who = sheet.getByRole("textbox", { name: "Whom?" });
    await who.fill("+31600");
    await page.keyboard.press("Enter");
    await sheet.getByText("Nobody there.").waitFor();
    await who.fill("+31612");
    await page.keyboard.press("Enter");
    await sheet.getByText("Olaf has turned third-party chats off").waitFor();
    expect(await sheet.getByRole("button", { name: "Start the chat" }).count()).toBe(0);
    await who.fill("+31611");
    await page.keyboard.press("Enter");
    await sheet.getByRole("heading", { name: "Jan Smit" }).waitFor();
    refusalsAreFine(opened);
    await nothingIsWrong(opened);
    await sheet.getByRole("button", { name: "Start the chat" }).click();
    const link = sheet.getByRole("link", { name: "Open the chat" });
    await link.waitFor();
    const { room } = await world.portal(ANA, "Jan Smit");
    expect(await link.getAttribute("href")).toBe(`https://matrix.to/#/${encodeURIComponent(room)}?via=test`);
    await page.keyboard.press("Escape");
    await card(page, "People").getByRole("heading", { name: "Jan Smit" }).waitFor();

    const failures = card(page, "Did not get through");
    await failures.getByText("Nothing waits to be sent again.").waitFor();
    await fails(here, client, "Bram");
    await failures.getByText("1 message to Bram").waitFor();
    await failures.getByText("Bram turned it off.").waitFor();
    await failures.getByRole("button", { name: "Send again: Bram" }).click();
    await page.getByText("1 message is sent again.").waitFor();
    await failures.getByText("Nothing waits to be sent again.").waitFor();
    expect([...client.received.values()]).toContain("see you at nine");
    await fails(here, client, "Wim de Vries");
    await failures.getByRole("button", { name: "Discard: Wim de Vries" }).click();
    await failures.getByText("Nothing waits to be sent again.").waitFor();
    await focusAt(page, "h2", "Did not get through");
    await nothingIsWrong(opened);
  });

  test("a page that stays open follows what the bot is told, and says when the bridge does not answer", async () => {
    await using scene = await acquainted();
    const { here, bot } = scene;
    const { world } = here;
    await using opened = await openSettings(browser, here, bot);
    const { page } = opened;
    const receipts = page.getByRole("switch", { name: "Tell people when I read" });
    const checked = (name: string, is: boolean) =>
      page.locator(`[role=switch][aria-label="${name}"][aria-checked=${is}]`).waitFor();
    await chosen(page, () => receipts.click());
    await checked("Tell people when I read", false);
    await world.says(ANA, bot, "receipts");
    expect(here.linked.last(bot)).toContain("off");
    await world.says(ANA, bot, "receipts on");
    await checked("Tell people when I read", true);
    await chosen(page, () => page.getByRole("switch", { name: "Tell me of calls" }).click());
    await checked("Tell me of calls", false);
    expect(await world.bridge.scope.settings.told("calls", ANA)).toBe(false);
    await chosen(page, () => page.getByRole("radio", { name: "In a Space of their own" }).check());
    await world.says(ANA, bot, "inbox combined");
    await page
      .locator("label", { hasText: "Among my chats" })
      .getByRole("radio", { checked: true })
      .waitFor();
    const country = page.getByRole("button", { name: "Change your country" });
    const isAtCountry = () => focusAt(page, "[aria-label='Change your country']");
    await country.click();
    await focusAt(page, "input");
    await page.keyboard.press("Escape");
    await isAtCountry();
    await page.keyboard.press("Enter");
    await page.getByRole("textbox", { name: "Your country, such as NL" }).fill("BE");
    await page.keyboard.press("Enter");
    await page.getByText("Noted: in the EEA. The country itself is not kept.").waitFor();
    await isAtCountry();

    // An act that is refused: the switch goes back, and why is said.
    world.diskFull = true;
    await receipts.click();
    await page.getByRole("alert").getByText("The disk is full.").waitFor();
    await checked("Tell people when I read", true);
    world.diskFull = false;
    refusalsAreFine(opened);
    await chosen(page, () => receipts.click());
    await page.getByText("The disk is full.").waitFor({ state: "detached" });
    await world.says(ANA, bot, "receipts on");
    await checked("Tell people when I read", true);

    await world.says(ANA, bot, "disable whatsapp");
    if (world.network.enlisted.has(ANA)) await world.says(ANA, bot, "yes");
    await checked("WhatsApp", false);
    await page.getByText("Off. Nothing about you is sent there.").first().waitFor();
    await page.context().setOffline(true);
    await page.getByText(/^The bridge does not answer\. What you see is as it was at/).waitFor();
    await receipts.click();
    await page.getByText("The bridge did not answer, so this may not have been done.").waitFor();
    refusalsAreFine(opened);
    await nothingIsWrong(opened);
    await page.context().setOffline(false);
    await page.getByText(/^The bridge does not answer\. What you see/).waitFor({ state: "detached" });
  });

  test("all of it is in German too, chosen by the browser or by hand", async () => {
    await using scene = await acquainted();
    const { here, client, bot } = scene;
    const long = "Donaudampfschifffahrtsgesellschaftskapitänin Anna";
    for (const who of ["מרים", long]) await client.says(who, `m-${who}`, "hallo");
    for (const who of ["Bram", "מרים", long]) await fails(here, client, who);
    for (let n = 1; n <= 17; n += 1) await client.says(`Gast ${n}`, `m-${n}`, "hallo");
    await settle();
    await using opened = await openSettings(browser, here, bot, phoneSize);
    const { page } = opened;
    await page.getByRole("combobox", { name: "Language" }).selectOption("de");
    await page.getByRole("heading", { name: "Drittanbieter-Chats" }).waitFor();
    expect(await page.evaluate("document.documentElement.lang")).toBe("de");
    await page.getByRole("button", { name: "Optionen für Bram" }).click();
    await page.getByText("1 Nachricht an Bram").waitFor();
    await page.getByRole("button", { name: "Alle zeigen" }).focus();
    await page.keyboard.press("Enter");
    const names = card(page, "Kontakte").locator("li > .row h3");
    await names.nth(20).waitFor();
    const [rest] = (await names.allTextContents()).slice(20);
    await focusAt(page, "li", rest);
    await page.getByText("1 Nachricht an \u2068מרים\u2069").waitFor();
    const english = /\b(?:the|your|people|message|chats are)\b/i;
    const own = await page.evaluate<string>(
      `[...document.querySelectorAll("#page :not([lang]):not(option)")].flatMap((e) => [...e.childNodes])
        .filter((n) => n.nodeType === 3).map((n) => n.textContent).join("\\n")`,
    );
    expect(own.split("\n").filter((line) => english.test(line) && !line.includes("„Third-party"))).toEqual(
      [],
    );
    await nothingIsWrong(opened);
    await page.reload();
    await page.getByRole("heading", { name: "Drittanbieter-Chats" }).waitFor();
  });
});
