import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { FrameLocator, Locator, Page } from "playwright-core";
import { type DemoJson, DemoProcess } from "../kit/demo-process.ts";
import { deskSize, type OpenedPage, PageBrowser, thereIsChromium } from "../kit/page-browser.ts";
import { type TemporaryFolder, temporaryFolder } from "../kit/temporary-folder.ts";
import { e2eTimeout } from "../kit/world.ts";

const withChromium = thereIsChromium ? describe : describe.skip;

withChromium("the demo's page, with both ends of a conversation on a real Synapse", () => {
  let folder: TemporaryFolder;
  let demo: DemoProcess;
  let told: DemoJson;
  let browser: PageBrowser;
  let opened: OpenedPage;
  let page: Page;
  let phone: FrameLocator;

  beforeAll(async () => {
    folder = temporaryFolder();
    demo = new DemoProcess(["--json", "--data", folder.path], { direct: true });
    browser = await PageBrowser.start();
    told = await demo.up();
    opened = await browser.open(told.page, deskSize, "light", [told.homeserver, told.sandbox]);
    ({ page } = opened);
    phone = page.frameLocator("iframe");
  }, e2eTimeout);
  afterAll(async () => {
    await browser[Symbol.asyncDispose]();
    await demo[Symbol.asyncDispose]();
    folder[Symbol.dispose]();
  });

  const client = (): Locator => page.locator(".client");
  const line = (of: Locator | FrameLocator, text: string): Locator => of.locator(".line", { hasText: text });
  const write = async (of: Locator | FrameLocator, text: string): Promise<void> => {
    const field = of.getByRole("textbox", { name: /^Message/ });
    await field.fill(text);
    await field.press("Enter");
  };
  const acts = async (of: Locator | FrameLocator, text: string): Promise<void> => {
    await line(of, text).hover();
    await line(of, text).getByRole("button", { name: "What to do with" }).click();
  };

  test(
    "Ana is logged in; what Wim writes on his phone opens a chat, and what she answers is read there",
    async () => {
      await write(phone, "Shall I book for *nine*?");
      await client()
        .getByRole("link", { name: /Wim de Vries/ })
        .click();
      const asked = line(client(), "Shall I book for nine?");
      expect(await asked.locator("strong, b").last().textContent()).toBe("nine");
      await line(phone, "Shall I book").getByRole("img", { name: "read" }).waitFor();
      await client().getByRole("textbox", { name: "Message to Wim de Vries" }).fill("x");
      await phone.getByText("typing…").waitFor();
      await acts(client(), "Shall I book");
      await page.getByRole("button", { name: "Reply" }).click();
      await write(client(), "Yes, **four** of us");
      const answer = line(phone, "Yes, four of us");
      expect(await answer.locator(".quote").textContent()).toContain("Shall I book");
      expect(await answer.locator(".said b").textContent()).toBe("four");
      await line(client(), "Yes, four of us").getByRole("img", { name: "read", exact: true }).waitFor();
      await phone.getByRole("textbox", { name: "Message" }).fill("x");
      await client().getByText("Wim de Vries (WhatsApp) is typing…").waitFor();
      await phone.getByRole("textbox", { name: "Message" }).fill("");
    },
    e2eTimeout,
  );
});
