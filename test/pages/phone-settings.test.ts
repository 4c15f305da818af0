import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { AnsweringUser } from "../kit/answering-user.ts";
import { deskSize, PageBrowser, thereIsChromium } from "../kit/page-browser.ts";
import { acquainted, chatWithAna, line, nothingIsWrong, openPhone, sub } from "../kit/played-phone.ts";
import { SandboxWorld } from "../kit/sandbox-world.ts";

const withChromium = thereIsChromium ? describe : describe.skip;
const shell = promisify(execFile);

withChromium("the phone's page beside its chats", () => {
  let browser: PageBrowser;
  beforeAll(async () => {
    browser = await PageBrowser.start();
  });
  afterAll(async () => {
    await browser[Symbol.asyncDispose]();
  });

  test("third-party chats, the apps, the inbox, the phone and its name are settings that the network follows", async () => {
    await using scene = await acquainted();
    const { world, ana } = scene;
    await using opened = await openPhone(browser, world, "#/wa-1/settings");
    const { page } = opened;
    const told = (tag: string) =>
      ana.gets(({ stanza }) => stanza.tag === "notification" && JSON.stringify(stanza.content).includes(tag));
    const wim = async () => (await world.client.people())[0];
    await page.getByRole("link", { name: /^Account/ }).click();

    const off = told("opt_out");
    await page.getByRole("switch", { name: "Third-party chats" }).click();
    await off;
    await page.getByRole("link", { name: "Back" }).click();
    await page.getByRole("link", { name: "Back" }).click();
    await page.getByText("Third-party chats are off. Turn them on under Settings, Account.").waitFor();
    await page.getByRole("link", { name: "Settings" }).click();
    await page.getByRole("link", { name: /^Account/ }).click();
    const on = told("opt_in");
    await page.getByRole("switch", { name: "Third-party chats" }).click();
    await on;

    const gone = told("opt_out");
    await page.getByRole("checkbox", { name: "Ours" }).click();
    await gone;
    expect(await wim()).toMatchObject({ optedIn: true, apps: [13] });
    const back = told("opt_in");
    await page.getByRole("checkbox", { name: "Ours" }).click();
    await back;
    await page.getByRole("radio", { name: /^Combined/ }).click();
    await nothingIsWrong(world, opened);
    await page.getByRole("link", { name: "Back" }).click();

    const renamed = told("profile");
    await page.getByRole("textbox", { name: "Name" }).fill("Willem");
    await page.getByRole("button", { name: "Change" }).first().click();
    await renamed;
    await page.getByRole("heading", { name: "Willem" }).waitFor();

    await page.getByRole("switch", { name: "The phone is on" }).click();
    await page.getByRole("link", { name: "Back" }).click();
    await page.getByRole("link", { name: sub }).click();
    await page.getByText("The phone is off. What is sent to it waits.").waitFor();
    await ana.says("319710000001@s.whatsapp.net", "are you there?");
    await page.getByRole("button", { name: "Turn it on" }).click();
    await line(page, "are you there?").waitFor();
    expect(await wim()).toMatchObject({ name: "Willem", online: true, inbox: "combined" });
    await nothingIsWrong(world, opened);
  });

  test("the safety number is there to compare and changes with a reinstallation; contacts are blocked and reported", async () => {
    await using scene = await acquainted();
    const { world, wim, ana } = scene;
    await using opened = await openPhone(browser, world, chatWithAna);
    const { page } = opened;
    await page.getByRole("link", { name: "About this contact" }).click();
    const digits = async (): Promise<string> => {
      await page.getByRole("img", { name: "The safety number as a code" }).waitFor();
      return ((await page.locator(".digits").textContent()) ?? "").replaceAll(" ", "");
    };
    const before = await digits();
    expect(before).toBe(await wim.safety(sub));
    await nothingIsWrong(world, opened);

    await page.goto(`${world.gatekeeper.url}/phone/#/wa-1/settings`);
    await page.getByRole("button", { name: "Reinstall the app" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Reinstall" }).click();
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await page.goto(`${world.gatekeeper.url}/phone/#/wa-1/contact/${encodeURIComponent(sub)}`);
    const after = await digits();
    expect(after).toBe(await wim.safety(sub));
    expect(after).not.toBe(before);

    const blocked = ana.gets(({ stanza }) => JSON.stringify(stanza.content ?? "").includes('"blocked"'));
    await page.getByRole("button", { name: "Report" }).click();
    await page.getByRole("textbox", { name: "What is wrong with it" }).fill("sells watches");
    await page.getByRole("dialog").getByRole("button", { name: "Report" }).click();
    await blocked;
    expect(await world.client.reports()).toMatchObject([{ from: "wa-1", about: sub, text: "sells watches" }]);
    await page.getByRole("link", { name: "Back" }).click();
    await page.getByText("You blocked this contact.").waitFor();
    await page.getByRole("button", { name: "Unblock" }).click();
    await page.getByRole("textbox", { name: "Message" }).waitFor();
    await nothingIsWrong(world, opened);

    // What goes wrong is said beneath the screen, and covers nothing of it.
    await page.getByRole("link", { name: "About this contact" }).click();
    await digits();
    await page.context().setOffline(true);
    await page.getByRole("button", { name: /^Block/ }).click();
    await page.locator(".trouble p").waitFor();
    const screen = await page.locator(".screen").boundingBox();
    const trouble = await page.locator(".trouble").boundingBox();
    expect(trouble?.y).toBeGreaterThanOrEqual((screen?.y ?? 0) + (screen?.height ?? Infinity) - 1);
  });

  test("one makes a person on the other network, writes to somebody new, and is told when there is nobody", async () => {
    await using world = await SandboxWorld.start();
    const ana = await AnsweringUser.start(world, sub, "messenger");
    await using opened = await openPhone(browser, world, "");
    const { page } = opened;
    await page.getByText("Nobody is here yet.").waitFor();
    await page.getByRole("link", { name: "New person" }).click();
    await page.getByRole("radio", { name: "Messenger" }).click();
    await page.getByRole("textbox", { name: "Name", exact: true }).fill('Mara "<i>" Rossi');
    await nothingIsWrong(world, opened);
    await page.getByRole("button", { name: "Take this phone" }).click();
    await page.getByRole("heading", { name: 'Mara "<i>" Rossi' }).waitFor();
    await page.getByRole("link", { name: "New chat" }).click();
    const who = page.getByRole("textbox", { name: "Their name on the other app" });
    await who.fill("@bo:example.org");
    await page.keyboard.press("Enter");
    await page.getByText("Nobody of this name has turned on this network").waitFor();
    await who.fill(sub.toUpperCase());
    await page.keyboard.press("Enter");
    const comes = ana.gets(({ plaintext }) => plaintext?.kind === "text");
    await page.getByRole("textbox", { name: "Message" }).fill("Ciao");
    await page.getByRole("button", { name: "Send", exact: true }).click();
    expect((await comes).stanza.attrs["display_name"]).toBe('Mara "<i>" Rossi');
    await line(page, "Ciao").getByRole("img", { name: "delivered" }).waitFor();
    await nothingIsWrong(world, opened);
  });

  test("faults are ordered and seen to strike, the wire is seen, and each act is a line that a shell can run", async () => {
    await using scene = await acquainted();
    const { world, ana } = scene;
    await using opened = await openPhone(browser, world, chatWithAna, deskSize);
    const { page } = opened;
    await page
      .getByRole("combobox", { name: "What happens" })
      .selectOption("Messages to the bridge are lost");
    await page.getByRole("button", { name: "Order it" }).click();
    await page.getByText("Struck 0 of 0 that matched.").waitFor();
    await nothingIsWrong(world, opened);
    for (const text of ["lost", "lost too"]) {
      await page.getByRole("textbox", { name: "Message" }).fill(text);
      await page.keyboard.press("Enter");
      await line(page, text).last().getByRole("img", { name: "sent" }).waitFor();
    }
    await page.getByText("Struck 2 of 2 that matched.").waitFor();
    await page.getByRole("button", { name: /^Take back/ }).click();
    await page.getByText("No fault is ordered.").waitFor();

    await page.getByRole("tab", { name: "Faults" }).press("ArrowRight");
    await page
      .getByRole("row", { name: /drop struck: message/ })
      .first()
      .waitFor();
    await page
      .getByRole("row", { name: /to the bridge message text enc/ })
      .first()
      .waitFor();
    await nothingIsWrong(world, opened);

    await page.getByRole("textbox", { name: "Message" }).fill("it's a check");
    const first = ana.gets(
      ({ plaintext }) => plaintext?.kind === "text" && plaintext.text === "it's a check",
    );
    await page.keyboard.press("Enter");
    const { id } = (await first).stanza.attrs;
    await page.getByRole("tab", { name: "curl" }).click();
    const shown = page.locator(".shell code", { hasText: '"says"' }).first();
    const again = ana.gets(
      ({ plaintext }) => plaintext?.kind === "text" && plaintext.text === "it's a check",
    );
    await shell("sh", ["-c", (await shown.textContent()) ?? ""]);
    expect((await again).stanza.attrs["id"]).toBe(id);
    await nothingIsWrong(world, opened);
  });
});
