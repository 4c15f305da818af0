import { afterAll, beforeAll, beforeEach, describe, expect, jest, test } from "@jest/globals";
import type { Page } from "playwright-core";
import { actsOf, clientOf, lineOf, phoneOf, record, write } from "../kit/both-ends.ts";
import { type DemoJson, DemoProcess } from "../kit/demo-process.ts";
import {
  accessibilityFaults,
  deskSize,
  type OpenedPage,
  PageBrowser,
  phoneSize,
  thereIsChromium,
} from "../kit/page-browser.ts";
import { type TemporaryFolder, temporaryFolder } from "../kit/temporary-folder.ts";
import { e2eTimeout } from "../kit/world.ts";

const withChromium = thereIsChromium ? describe : describe.skip;

/** A PNG of 8 by 4 pixels. */
const picture = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAgAAAAECAIAAAA8r+mnAAAAEklEQVR42mNgYPiPFdFF9D9WBABvKR/hfN0Y/wAAAABJRU5ErkJggg==",
  "base64",
);

/** In the page: the last picture of the open chat as it came, a PNG in base64. */
const drawnCode = `(() => {
  const picture = [...document.querySelectorAll(".client .line img")].at(-1);
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [picture.naturalWidth, picture.naturalHeight];
  canvas.getContext("2d").drawImage(picture, 0, 0);
  return canvas.toDataURL("image/png").split(",")[1];
})()`;

/** The tests follow each other: what one leaves in the chats the next finds there. */
withChromium("the demo's page, with both ends of a conversation on a real Synapse", () => {
  jest.setTimeout(e2eTimeout);
  let folder: TemporaryFolder;
  let demo: DemoProcess;
  let told: DemoJson;
  let browser: PageBrowser;
  let opened: OpenedPage;
  let page: Page;

  beforeAll(async () => {
    folder = temporaryFolder();
    demo = new DemoProcess(["--json", "--data", folder.path], { direct: true });
    browser = await PageBrowser.start();
    told = await demo.up();
    opened = await browser.open(told.page, deskSize, "light", [told.homeserver, told.sandbox, told.signal]);
    ({ page } = opened);
  });
  beforeEach(async () => {
    await page.setViewportSize(deskSize);
    await page.emulateMedia({ colorScheme: "light" });
  });
  afterAll(async () => {
    await browser[Symbol.asyncDispose]();
    await demo[Symbol.asyncDispose]();
    folder[Symbol.dispose]();
  });

  test("Ana is logged in; what Wim writes on his phone opens a chat, and what she answers is read there", async () => {
    const [client, phone] = [clientOf(page), phoneOf(page)];
    await write(phone, "Shall I book for *nine*?");
    await client.getByRole("link", { name: /Wim de Vries/ }).click();
    const asked = lineOf(client, "Shall I book for nine?");
    expect(await asked.locator(".said strong, .said b").textContent()).toBe("nine");
    await actsOf(client, "Shall I book");
    await page.getByRole("button", { name: "Reply" }).click();
    await write(client, "Yes, **four** of us");
    const answer = lineOf(phone, "Yes, four of us");
    expect(await answer.locator(".quote").textContent()).toContain("Shall I book");
    expect(await answer.locator(".said b").textContent()).toBe("four");
    await lineOf(client, "Yes, four of us").getByRole("img", { name: "read" }).waitFor();
    // An answer accepts whoever wrote first; before it they are not told what is read.
    await write(phone, "Good");
    await lineOf(client, "Good").waitFor();
    await lineOf(phone, "Good").getByRole("img", { name: "read" }).waitFor();
    await client.getByRole("textbox", { name: "Message to Wim de Vries" }).fill("x");
    await phone.getByText("typing…").waitFor();
    await client.getByRole("textbox", { name: "Message to Wim de Vries" }).fill("");
    await phone.getByRole("textbox", { name: "Message" }).fill("x");
    await client.getByText("Wim de Vries is typing…").waitFor();
    await phone.getByRole("textbox", { name: "Message" }).fill("");
  });

  test("reactions, edits and deletions cross both ways", async () => {
    const [client, phone] = [clientOf(page), phoneOf(page)];
    await actsOf(client, "Shall I book");
    await page.getByRole("button", { name: "👍" }).click();
    await lineOf(phone, "Shall I book").getByRole("img", { name: "Reactions: 👍" }).waitFor();
    await lineOf(client, "Shall I book").getByRole("button", { name: "👍 from You", pressed: true }).click();
    await lineOf(phone, "Shall I book")
      .getByRole("img", { name: "Reactions" })
      .waitFor({ state: "detached" });
    await actsOf(phone, "Yes, four");
    await phone.getByRole("button", { name: "❤️" }).click();
    await lineOf(client, "Yes, four")
      .getByRole("button", { name: /❤️ from Wim de Vries/ })
      .waitFor();

    await actsOf(client, "Yes, four");
    await page.getByRole("button", { name: "Edit" }).click();
    await write(client, "Yes, five of us");
    await lineOf(phone, "Yes, five of us").getByText("edited").waitFor();
    await actsOf(phone, "Shall I book");
    await phone.getByRole("button", { name: "Edit" }).click();
    await write(phone, "Shall I book for ten?");
    await lineOf(client, "Shall I book for ten?").getByText("edited").waitFor();

    await write(client, "Never mind");
    await lineOf(phone, "Never mind").waitFor();
    await actsOf(client, "Never mind");
    await page.getByRole("button", { name: "Delete for everyone" }).click();
    await lineOf(phone, "This message was deleted.").waitFor();
    await write(phone, "Nor this");
    await lineOf(client, "Nor this").waitFor();
    await actsOf(phone, "Nor this");
    await phone.getByRole("button", { name: "Delete for everyone" }).click();
    await expectGone(page, "Nor this");
  });

  test("pictures, files and voice notes cross both ways", async () => {
    const [client, phone] = [clientOf(page), phoneOf(page)];
    const file = client.locator("input[type=file]");
    await file.setInputFiles({ name: "garden.png", mimeType: "image/png", buffer: picture });
    await page.getByRole("textbox", { name: "Caption" }).fill("The garden");
    await page.getByRole("button", { name: "Send", exact: true }).click();
    await lineOf(phone, "The garden").getByRole("img", { name: "The garden" }).waitFor();
    await file.setInputFiles({ name: "menu.txt", mimeType: "text/plain", buffer: Buffer.from("Soup") });
    await page.getByRole("button", { name: "Send", exact: true }).click();
    await phone.getByRole("link", { name: /menu\.txt/ }).waitFor();
    await record(client);
    await phone.getByRole("button", { name: /^Play the voice note/ }).waitFor();
    await record(phone);
    const heard = client.locator(".line:not(.own)").getByRole("button", { name: /^Play the voice note/ });
    await heard.waitFor();
    await phone
      .locator("input[type=file]")
      .setInputFiles({ name: "table.png", mimeType: "image/png", buffer: picture });
    await phone.getByRole("textbox", { name: "Caption" }).fill("Our table");
    await phone.getByRole("button", { name: "Send", exact: true }).click();
    const shown = lineOf(client, "Our table").getByRole("img", { name: "Our table" });
    await shown.waitFor();
    expect(await shown.getAttribute("src")).toMatch(/^blob:/);
    await client
      .locator(".line.own")
      .getByRole("img", { name: "on its way" })
      .first()
      .waitFor({ state: "detached" });
    expect(await accessibilityFaults(page)).toEqual([]);
  });

  test("at 390 px each end has a tab, with a dot where something is new; nothing is read behind its back", async () => {
    const [client, phone] = [clientOf(page), phoneOf(page)];
    await page.setViewportSize(phoneSize);
    await page.emulateMedia({ colorScheme: "dark" });
    await write(client, "Are you there?");
    await page.getByRole("button", { name: "Wim's phone something new" }).waitFor();
    expect(await lineOf(client, "Are you there?").getByRole("img", { name: "read" }).count()).toBe(0);
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.getByRole("button", { name: "Wim's phone something new" }).click();
    await lineOf(phone, "Are you there?").waitFor();
    await page.getByRole("button", { name: "Wim's phone", exact: true }).waitFor();
    await write(phone, "I am");
    await page.keyboard.press("Tab");
    await page.getByRole("button", { name: "Ana something new" }).press("ArrowLeft");
    await lineOf(client, "I am").waitFor();
    await lineOf(client, "Are you there?").getByRole("img", { name: "read" }).waitFor();
    await client.getByRole("link", { name: "All chats" }).click();
    await client.getByRole("link", { name: /Wim de Vries.* I am/ }).waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
  });

  test("Signal's phone comes into the same frame, records there, and links and unlinks a device by its settings", async () => {
    const [client, phone] = [clientOf(page), phoneOf(page)];
    const says = { verb: "says", to: "Ana", text: "Hoi Ana" };
    const body = JSON.stringify(says);
    const answered = await fetch(`${told.signal}/_sandbox/v1/people/Sanne%20Visser/do`, {
      method: "POST",
      body,
    });
    expect(answered.status).toBe(200);
    await client.getByRole("link", { name: /Sanne Visser/ }).click();
    await lineOf(phone, "Hoi Ana").waitFor();
    await record(phone);
    await client
      .locator(".line:not(.own)")
      .getByRole("button", { name: /^Play the voice note/ })
      .waitFor();
    await phone.getByRole("button", { name: "curl", exact: true }).waitFor();
    expect(await phone.getByText("3rd").count()).toBe(0);
    await using ana = await browser.open(`${told.signal}/phone/#/Ana/settings`, phoneSize);
    const settings = ana.page;
    await settings.getByText("One device is linked.").waitFor();
    expect(await accessibilityFaults(settings)).toEqual([]);
    await settings.getByRole("button", { name: "Unlink them" }).click();
    await settings.getByText("No other device is linked to this account.").waitFor();
    await client.getByRole("link", { name: /Third-party chats bot/ }).click();
    await write(client, "enable signal");
    const buttons = client.getByRole("group", { name: "What you can write" });
    await buttons.getByRole("button", { name: "yes", exact: true }).click();
    const code = lineOf(client, "Scan this code").last().getByRole("img").first();
    await code.waitFor();
    const drawn = await page.evaluate<string>(drawnCode);
    const picture = { name: "code.png", mimeType: "image/png", buffer: Buffer.from(drawn, "base64") };
    await settings.locator("input[type=file]").setInputFiles(picture);
    await settings.getByText("One device is linked.").waitFor();
    expect([...ana.complaints, ...opened.complaints]).toEqual([]);
    await settings.goto(`${told.signal}/phone/#/Ana/chats`);
    await client.getByRole("link", { name: /Sanne Visser/ }).click();
    await settings.getByRole("link", { name: /Sanne Visser/ }).click();
    await write(settings.locator("main"), "From my own phone");
    await lineOf(client.locator(".line.own").locator(".."), "From my own phone").waitFor();
  });

  test("Cleo, who has turned nothing on, walks the consent by buttons, and Wim reaches her", async () => {
    const [client, phone] = [clientOf(page), phoneOf(page)];
    await client
      .getByRole("combobox", { name: "You are" })
      .selectOption({ label: "Cleo, who has turned nothing on" });
    await client.getByText("No chats yet. Everything begins with the bridge bot").waitFor();
    await client.getByRole("button", { name: "Write to the bridge bot" }).click();
    const says = client.getByRole("group", { name: "What you can write" });
    await says.getByRole("button", { name: "networks" }).click();
    await says.getByRole("button", { name: "enable whatsapp" }).click();
    await says.getByRole("button", { name: "yes", exact: true }).click();
    await lineOf(client, "WhatsApp is on").waitFor();
    await says.getByRole("button", { name: /^start-chat whatsapp …/ }).click();
    const field = client.getByRole("textbox", { name: /^Message/ });
    expect(await field.inputValue()).toBe("start-chat whatsapp ");
    await field.pressSequentially("+31612345678");
    await page.keyboard.press("Enter");
    await client.getByRole("link", { name: /^Wim de Vries/ }).click();
    await write(client, "Cleo here");
    await lineOf(phone, "Cleo here").waitFor();
    await write(phone, "Welcome");
    await lineOf(client, "Welcome").waitFor();
    await client.getByRole("option", { name: "Cleo", exact: true }).waitFor({ state: "attached" });
    await page.locator(".side, .open-tries").first().waitFor();
    await page.getByRole("button", { name: "Try this" }).click();
    await page.getByRole("listitem").filter({ hasText: "Be Cleo" }).getByText("(done)").waitFor();
    await page.getByRole("button", { name: "Close" }).click();
  });

  test("while the homeserver is away that is said, and what was written meanwhile goes out when it is back", async () => {
    const [client, phone] = [clientOf(page), phoneOf(page)];
    expect(opened.complaints).toEqual([]);
    await page.getByRole("button", { name: "up: Homeserver" }).click();
    await page.getByRole("button", { name: "Kill it" }).click();
    await page.getByRole("button", { name: "Start it again" }).waitFor();
    await page.getByRole("button", { name: "Close" }).click();
    await client.getByText("The homeserver does not answer. What you write waits here").waitFor();
    await write(client, "Into the dark");
    await lineOf(client, "Into the dark").getByText("It goes out when the homeserver is back.").waitFor();
    await page.getByRole("button", { name: "down: Homeserver" }).click();
    await page.getByRole("button", { name: "Start it again" }).click();
    await page.getByRole("button", { name: "Kill it" }).waitFor();
    await page.getByRole("button", { name: "Close" }).click();
    await lineOf(phone, "Into the dark").waitFor();
    await lineOf(client, "Into the dark").getByRole("img", { name: "read" }).waitFor();
  });

  test("the token is in no address and in no storage of the browser", async () => {
    const [entries, stored] = await page.evaluate<[string[], string]>(
      "[performance.getEntriesByType('resource').map(({ name }) => name), JSON.stringify([localStorage, sessionStorage, document.cookie, location.href])]",
    );
    expect(entries.length).toBeGreaterThan(5);
    expect([...entries, stored].filter((text) => /syt_|access_token/.test(text))).toEqual([]);
  });
});

async function expectGone(page: Page, text: string): Promise<void> {
  await lineOf(clientOf(page), text).waitFor({ state: "detached" });
}
