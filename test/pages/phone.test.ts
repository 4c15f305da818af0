import { describe, expect, test } from "@jest/globals";
import { AnsweringUser } from "../kit/answering-user.ts";
import {
  accessibilityFaults,
  deskSize,
  PageBrowser,
  phoneSize,
  thereIsChromium,
} from "../kit/page-browser.ts";
import { SandboxWorld } from "../kit/sandbox-world.ts";

const sub = "@ana:example.org";
const withChromium = thereIsChromium ? describe : describe.skip;

withChromium("the phone's page", () => {
  test.each([
    ["390 px", phoneSize],
    ["a desk", deskSize],
  ])("at %s one chooses a phone, reads, writes and sees the ticks and typing", async (_name, size) => {
    await using world = await SandboxWorld.start();
    const wim = await world.client.person({ network: "whatsapp", name: "Wim de Vries" });
    const ana = await AnsweringUser.start(world, sub);
    const first = ana.hears("text");
    await wim.says(sub, "Shall I book?");
    await first;
    await ana.says(wim.jid, "<b>Yes</b>, for four");
    await using browser = await PageBrowser.start();
    const page = await browser.open(`${world.gatekeeper.url}/phone/`, size);
    await page.getByRole("link", { name: "Wim de Vries" }).click();
    await page.getByRole("link", { name: /^Third-party chats .* 1 unread$/ }).click();
    const marked = ana.gets(({ stanza }) => stanza.tag === "receipt" && stanza.attrs["type"] === "read");
    await page.getByRole("link", { name: sub }).click();
    await marked;
    await page.getByText("<b>Yes</b>, for four").waitFor();
    const comes = ana.gets(({ plaintext }) => plaintext?.kind === "text");
    await page.getByRole("textbox", { name: "Message" }).fill("The garden");
    await page.keyboard.press("Enter");
    const { plaintext, stanza } = await comes;
    expect(plaintext).toMatchObject({ text: "The garden" });
    const bubble = page.locator(".bubble", { hasText: "The garden" });
    await bubble.getByRole("img", { name: "delivered" }).waitFor();
    ana.reads(stanza);
    await bubble.getByRole("img", { name: "read" }).waitFor();
    ana.types(wim.jid, true, true);
    await page.getByText("recording a voice note…").waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    expect(browser.complaints).toEqual([]);
    expect(await world.client.violations()).toEqual([]);
  });
});
