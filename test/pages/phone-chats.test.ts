import { execFile } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { checkConfig } from "../../src/sandbox/config.ts";
import type { Logger } from "../../src/sandbox/logger.ts";
import { startGatekeeper } from "../../src/sandbox/server.ts";
import { sealMedia } from "../../src/sandbox/state/media-crypto.ts";
import { deskSize, PageBrowser, phoneSize, thereIsChromium } from "../kit/page-browser.ts";
import { acquainted, acts, chatWithAna, line, nothingIsWrong, openPhone, sub } from "../kit/played-phone.ts";
import { SandboxClient } from "../kit/sandbox-client.ts";
import { temporaryFolder } from "../kit/temporary-folder.ts";

const nothing = (): void => undefined;
const quiet: Logger = { error: nothing, warn: nothing, info: nothing, debug: nothing };

/** A host of files that answers each request so. */
async function serving(answer: (response: ServerResponse) => void) {
  const server = createServer((_request, response) => answer(response)).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose](): Promise<void> {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

const shell = promisify(execFile);
const withChromium = thereIsChromium ? describe : describe.skip;

/** A PNG of 8 by 4 pixels. */
const picture = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAgAAAAECAIAAAA8r+mnAAAAEklEQVR42mNgYPiPFdFF9D9WBABvKR/hfN0Y/wAAAABJRU5ErkJggg==",
  "base64",
);

withChromium("the chats on the phone's page", () => {
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
  ])("at %s one chooses a phone, reads, writes and sees the ticks and typing", async (_name, size) => {
    await using scene = await acquainted();
    const { world, wim, ana } = scene;
    await ana.says(wim.jid, "<b>Yes</b>, for four");
    await using opened = await openPhone(browser, world, "", size);
    const { page } = opened;
    await page.getByRole("link", { name: "Wim de Vries" }).click();
    await page.getByRole("link", { name: /^Third-party chats .* 1 unread$/ }).click();
    const marked = ana.gets(({ stanza }) => stanza.tag === "receipt" && stanza.attrs["type"] === "read");
    await page.getByRole("link", { name: sub }).click();
    await marked;
    await page.getByText("<b>Yes</b>, for four").waitFor();
    const typed = ana.gets(({ stanza }) => stanza.tag === "chatstate");
    const comes = ana.gets(({ plaintext }) => plaintext?.kind === "text");
    await page.getByRole("textbox", { name: "Message" }).fill("The *garden*");
    await typed;
    await page.keyboard.press("Enter");
    const { plaintext, stanza } = await comes;
    expect(plaintext).toMatchObject({ text: "The *garden*" });
    const bubble = line(page, "The garden");
    await bubble.getByRole("img", { name: "delivered" }).waitFor();
    ana.reads(stanza);
    await bubble.getByRole("img", { name: "read" }).waitFor();
    expect(await bubble.locator("b").textContent()).toBe("garden");
    ana.types(wim.jid, true, true);
    await page.getByText("recording a voice note…").waitFor();
    await nothingIsWrong(world, opened);
  });

  test("one answers, reacts, edits and deletes, and sees when the other side does", async () => {
    await using scene = await acquainted();
    const { world, wim, ana } = scene;
    const theirs = await ana.says(wim.jid, "For four");
    await using opened = await openPhone(browser, world, chatWithAna);
    const { page } = opened;

    await acts(page, "For four");
    await nothingIsWrong(world, opened);
    const reaction = ana.hears("reaction");
    await page.getByRole("button", { name: "❤️" }).click();
    expect(await reaction).toMatchObject({ target: { id: theirs }, emoji: "❤️" });
    await line(page, "For four").getByRole("img", { name: "Reactions: ❤️" }).waitFor();

    await acts(page, "For four");
    const answer = ana.gets(({ plaintext }) => plaintext?.kind === "text");
    await page.getByRole("button", { name: "Reply" }).click();
    await page.getByText("Answering").waitFor();
    await page.keyboard.type("In the garden");
    await page.keyboard.press("Enter");
    const { stanza, plaintext } = await answer;
    expect(plaintext).toMatchObject({ text: "In the garden", quoted: { id: theirs } });
    await line(page, "In the garden").getByText("For four").waitFor();

    await acts(page, "In the garden");
    const edit = ana.hears("edit");
    await page.getByRole("button", { name: "Edit" }).click();
    await page.getByRole("textbox", { name: "Message" }).fill("By the window");
    await page.keyboard.press("Enter");
    expect(await edit).toMatchObject({ target: { id: stanza.attrs["id"] }, text: "By the window" });
    await line(page, "By the window").getByText("edited").waitFor();

    await acts(page, "By the window");
    const deletion = ana.hears("revoke");
    await page.getByRole("button", { name: "Delete for everyone" }).click();
    expect(await deletion).toMatchObject({ target: { id: stanza.attrs["id"] } });
    await page.getByText("You deleted this message.").waitFor();

    const at = Date.now();
    await ana.sends(wim.jid, { kind: "reaction", target: { id: "FIRST", fromMe: false }, emoji: "👍", at });
    await line(page, "Shall I book?").getByRole("img", { name: "Reactions: 👍" }).waitFor();
    await ana.sends(wim.jid, { kind: "edit", target: { id: theirs, fromMe: true }, text: "For five", at });
    await line(page, "For five").getByText("edited").waitFor();
    await ana.sends(wim.jid, { kind: "revoke", target: { id: theirs, fromMe: true } });
    await page.getByText("This message was deleted.").waitFor();
    await ana.sends(wim.jid, {
      kind: "location",
      latitude: 52.37,
      longitude: 4.89,
      live: false,
      name: "Dam",
    });
    await page.getByText("52.37000, 4.89000").waitFor();
    await page.getByRole("status").getByText(`${sub}: Location: Dam`).waitFor();
    await nothingIsWrong(world, opened);
  });

  test("one sends a picture, and voice notes that are recorded or picked", async () => {
    await using scene = await acquainted();
    const { world, ana } = scene;
    await using opened = await openPhone(browser, world, chatWithAna);
    const { page } = opened;
    const pick = async (name: string, mimeType: string, buffer: Buffer): Promise<void> => {
      const chooser = page.waitForEvent("filechooser");
      await page.getByRole("button", { name: "Send something else" }).click();
      await page.getByRole("button", { name: "Picture, video, sound or file" }).click();
      await (await chooser).setFiles({ name, mimeType, buffer });
    };
    await pick("table.png", "image/png", picture);
    await page.getByRole("textbox", { name: "Caption" }).fill("our table");
    await nothingIsWrong(world, opened);
    const sees = ana.hears("image");
    await page.getByRole("dialog").getByRole("button", { name: "Send" }).click();
    expect(await sees).toMatchObject({ caption: "our table", width: 8, height: 4 });
    await line(page, "our table").getByRole("img", { name: "delivered" }).waitFor();
    const shown = line(page, "our table").locator("img");
    await expect(shown.evaluate((image: { naturalWidth: number }) => image.naturalWidth)).resolves.toBe(8);

    // The line for a shell takes the file from its folder.
    using folder = temporaryFolder();
    writeFileSync(`${folder.path}/table.png`, picture);
    await page.getByRole("button", { name: "Faults, wire, curl" }).click();
    await page.getByRole("tab", { name: "curl" }).click();
    const command = await page.locator(".shell code", { hasText: '"sends"' }).first().textContent();
    const again = ana.hears("image");
    await shell("sh", ["-c", command ?? ""], { cwd: folder.path });
    expect(await again).toMatchObject({ caption: "our table", width: 8, height: 4 });
    await nothingIsWrong(world, opened);
    await page.keyboard.press("Escape");

    const recorded = ana.hears("audio");
    await page.getByRole("button", { name: "Record a voice note" }).click();
    await page.getByText(/^Recording 0:01$/).waitFor();
    await page.getByRole("button", { name: "Send the voice note" }).click();
    const note = await recorded;
    expect(note).toMatchObject({ voice: true, media: { mimetype: "audio/mp4" } });
    expect(note.waveform).toHaveLength(64);
    await page.getByRole("button", { name: /^Play the voice note/ }).click();
    await page.getByRole("button", { name: "Pause the voice note" }).waitFor();

    const file = ana.hears("audio");
    await pick("hum.ogg", "audio/ogg", Buffer.from("OggS, and no sound"));
    await page.getByRole("dialog").getByRole("button", { name: "Send" }).click();
    expect(await file).toMatchObject({ voice: true, media: { mimetype: "audio/ogg" } });

    const written = ana.hears("document");
    await pick("page.html", "text/html", Buffer.from("<script>document.title = 'taken'</script>"));
    await page.getByRole("dialog").getByRole("button", { name: "Send" }).click();
    expect(await written).toMatchObject({ fileName: "page.html" });
    await page.getByRole("link", { name: /page\.html/ }).waitFor();
    await nothingIsWrong(world, opened);
  });

  test("a picture of the other side is shown, after another try where its host was down", async () => {
    const { file, hosted } = sealMedia("image", picture);
    let up = false;
    await using host = await serving((response) => {
      response.writeHead(up ? 200 : 503).end(up ? hosted : "");
    });
    await using scene = await acquainted([new URL(host.url).host]);
    const { world, wim, ana } = scene;
    const media = { ...file, mimetype: "image/png", url: `${host.url}/p` };
    await ana.sends(wim.jid, { kind: "image", media, caption: "our table", width: 8, height: 4 });
    await using opened = await openPhone(browser, world, chatWithAna);
    const { page, complaints } = opened;
    await page.getByText("The file did not come through.").waitFor();
    expect(complaints.splice(0)).toEqual([expect.stringContaining("502")]);
    up = true;
    await page.getByRole("button", { name: "Try again" }).click();
    await line(page, "our table").getByRole("img", { name: "our table" }).waitFor();
    await nothingIsWrong(world, opened);
  });

  test("a message that is refused says why and is sent again", async () => {
    await using scene = await acquainted();
    const { world } = scene;
    await using opened = await openPhone(browser, world, chatWithAna);
    const { page } = opened;
    await page.route("**/do", (route) => route.abort());
    await page.getByRole("textbox", { name: "Message" }).fill("held up");
    await page.keyboard.press("Enter");
    await page.getByText("Not sent. The sandbox does not answer. Is it still running?").waitFor();
    await page.unroute("**/do");
    await page.getByRole("button", { name: "Try again" }).click();
    await line(page, "held up").getByRole("img", { name: "delivered" }).waitFor();
    await world.client.network("whatsapp", { ended: true });
    await page.getByText("The network does not work with this app now.").waitFor();
    await world.client.network("whatsapp", { ended: false });
    await page.getByRole("textbox", { name: "Message" }).waitFor();
  });

  test("the page finds its way back to a sandbox that was away, and says when its person is no more", async () => {
    using folder = temporaryFolder();
    const config = (data: string, port = 0) => checkConfig({ data, listen: { port } });
    const kept = `${folder.path}/sandbox.db`;
    const first = await startGatekeeper(config(kept), quiet);
    const { url } = first;
    const port = Number(new URL(url).port);
    const client = new SandboxClient(url);
    await client.person({ network: "whatsapp", name: "Wim" });
    await using opened = await browser.open(`${url}/phone/#/wa-1`, phoneSize);
    const { page } = opened;
    await page.getByRole("heading", { name: "Wim" }).waitFor();
    await first[Symbol.asyncDispose]();
    await page.getByText("This page tries again by itself").waitFor();
    const second = await startGatekeeper(config(kept, port), quiet);
    await client.call("POST", "/people/wa-1/do", { verb: "renames", name: "Willem" });
    await page.getByRole("heading", { name: "Willem" }).waitFor();
    await second[Symbol.asyncDispose]();
    const third = await startGatekeeper(config(":memory:", port), quiet);
    await page.getByText("There is nobody of this name at the sandbox now.").waitFor();
    await page.getByRole("link", { name: "Choose a phone" }).click();
    await page.getByText("Nobody is here yet.").waitFor();
    await third[Symbol.asyncDispose]();
  });
});
