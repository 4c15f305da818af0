import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { Page } from "playwright-core";
import type { Node } from "../../src/networks/meta-interop/wire/node.ts";
import { GroupUser } from "../kit/group-user.ts";
import { deskSize, PageBrowser, phoneSize, thereIsChromium } from "../kit/page-browser.ts";
import { acts, line, nothingIsWrong, openPhone, sub } from "../kit/played-phone.ts";
import { SandboxWorld } from "../kit/sandbox-world.ts";

const isMessage = ({ tag }: Node): boolean => tag === "message";
const notice = (page: Page, words: string) => page.locator(".notice", { hasText: words });
const withChromium = thereIsChromium ? describe : describe.skip;

withChromium("groups on the phone's page", () => {
  let browser: PageBrowser;
  beforeAll(async () => {
    browser = await PageBrowser.start();
  });
  afterAll(async () => {
    await browser[Symbol.asyncDispose]();
  });

  test.each([
    ["390 px", phoneSize],
    ["a desk", deskSize],
  ])("at %s one makes a group, writes in it, and sees who writes", async (_name, size) => {
    await using world = await SandboxWorld.start();
    await world.client.network("whatsapp", { features: { groups: true } });
    await world.client.person({ network: "whatsapp", name: "Wim de Vries" });
    const els = await world.client.person({ network: "whatsapp", name: "Els" });
    const { user, chat } = await world.user(sub);
    await using opened = await openPhone(browser, world, "#/wa-1/new", size);
    const { page } = opened;
    await page.getByRole("link", { name: "New group" }).click();
    await page.getByRole("textbox", { name: "Name of the group" }).fill("Walks");
    await page.getByRole("checkbox", { name: sub }).check();
    await page.getByRole("checkbox", { name: "Els" }).check();
    await nothingIsWrong(world, opened);
    const told = chat.next(({ tag }) => tag === "notification");
    await page.getByRole("button", { name: "Make the group" }).click();
    const group = (await told).attrs["from"] ?? "";
    await notice(page, "You made the group “Walks”.").waitFor();
    await page.getByText(`Wim de Vries, ${sub}, Els`).waitFor();
    const arrives = chat.next(isMessage);
    await page.getByRole("textbox", { name: "Message" }).fill("Who comes?");
    await page.keyboard.press("Enter");
    const inside = new GroupUser(user, chat, group);
    const message = await arrives;
    expect(await inside.opens(message)).toMatchObject({ text: "Who comes?" });
    chat.send(inside.receipt(message));
    await line(page, "Who comes?").getByRole("img", { name: "delivered" }).waitFor();
    await inside.writes("M1", "Count on Ana");
    await els.says(group, "And me", { id: "E1" });
    await els.does("renamesGroup", { group, name: "Long walks" });
    await notice(page, "Els named the group “Long walks”.").waitFor();
    expect(await line(page, "And me").locator(".sender").textContent()).toBe("Els");
    expect(await line(page, "Count on Ana").locator(".sender").textContent()).toBe(sub);
    await nothingIsWrong(world, opened);
    await acts(page, "And me");
    const deleted = chat.next(isMessage);
    await page.getByRole("button", { name: "Delete for everyone" }).click();
    expect((await deleted).attrs["edit"]).toBe("8");
    await page.getByText("This message was deleted.").waitFor();
    await page.getByRole("link", { name: "Back" }).click();
    await page.getByRole("link", { name: /Long walks/ }).waitFor();
    await nothingIsWrong(world, opened);
    await chat[Symbol.asyncDispose]();
  });

  test("one sees who is in a group and what they are, changes that, restricts it, and leaves", async () => {
    await using world = await SandboxWorld.start();
    await world.client.network("whatsapp", { features: { groups: true } });
    const wim = await world.client.person({ network: "whatsapp", name: "Wim de Vries" });
    const els = await world.client.person({ network: "whatsapp", name: "Els" });
    await world.client.person({ network: "whatsapp", name: "Gijs" });
    const { chat } = await world.user(sub);
    const group = await wim.does("createsGroup", { name: "Walks", members: [sub, els.id], id: "walks" });
    await using opened = await openPhone(browser, world, `#/wa-1/contact/${encodeURIComponent(group)}`);
    const { page } = opened;
    const about = async (name: string, act: string) => {
      await page.getByRole("button", { name: `What to do with ${name}` }).click();
      await page.getByRole("button", { name: act }).click();
    };
    const row = (name: string) => page.getByRole("listitem").filter({ hasText: name });
    await row("You").getByText("Made the group").waitFor();
    await about("Els", "Make admin");
    await row("Els").getByText("Admin").waitFor();
    await about("Els", "No longer admin");
    await row("Els").getByText("Admin").waitFor({ state: "detached" });
    await page.getByRole("button", { name: "Add members" }).click();
    await page.getByRole("checkbox", { name: "Gijs" }).check();
    await nothingIsWrong(world, opened);
    await page.getByRole("button", { name: "Add them" }).click();
    await row("Gijs").waitFor();
    await about("Gijs", "Take out of the group");
    await row("Gijs").waitFor({ state: "detached" });
    await page.getByRole("textbox", { name: "Description" }).fill("On Sundays");
    await page.keyboard.press("Enter");
    await page.getByText("On Sundays").first().waitFor();
    await page.getByRole("button", { name: "Hills" }).click();
    await page.locator(".who img").waitFor();
    await page.getByRole("switch", { name: "Only admins write" }).click();
    await page.getByText("Only admins write in this group.").waitFor();
    await nothingIsWrong(world, opened);
    expect((await world.client.groups())[0]).toMatchObject({ description: "On Sundays", writes: "admins" });

    await using other = await openPhone(browser, world, `#/wa-2/chat/${encodeURIComponent(group)}`);
    await other.page.getByText("Only admins write in this group.").waitFor();
    await page.getByRole("button", { name: "Leave the group" }).click();
    await page.getByText("You are not in this group.").waitFor();
    await notice(other.page, "Wim de Vries made Els an admin.").waitFor();
    await notice(other.page, "Wim de Vries took the admin's part from Els.").waitFor();
    await notice(other.page, "Wim de Vries left the group.").waitFor();
    await nothingIsWrong(world, other);
    await chat[Symbol.asyncDispose]();
  });
});
