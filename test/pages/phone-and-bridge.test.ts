import { describe, expect, test } from "@jest/globals";
import type { MessageId } from "../../src/core/model/ids.ts";
import { InteropWorld } from "../kit/interop-world.ts";
import { PageBrowser, phoneSize, thereIsChromium } from "../kit/page-browser.ts";
import { line, sub } from "../kit/played-phone.ts";

const withChromium = thereIsChromium ? describe : describe.skip;

withChromium("a phone that is played", () => {
  test("writes, records and reads with the bridge's own connection to the network at the other end", async () => {
    await using world = await InteropWorld.start();
    await world.control.call("POST", "/people", { network: "whatsapp", name: "Wim" });
    const { client, sink } = await world.join(sub);
    await using browser = await PageBrowser.start();
    await using opened = await browser.open(
      `${world.gatekeeper.url}/phone/#/wa-1/chat/${encodeURIComponent(sub)}`,
      phoneSize,
    );
    const { page, complaints } = opened;
    await page.getByRole("textbox", { name: "Message" }).fill("Shall I book?");
    await page.keyboard.press("Enter");
    await sink.until("the text", () => sink.texts().includes("Shall I book?"));
    expect(sink.signals).toContainEqual(
      expect.objectContaining({ kind: "typing", active: true, voice: false }),
    );

    await page.getByRole("button", { name: "Record a voice note" }).click();
    await page.getByText(/^Recording 0:01$/).waitFor();
    await page.getByRole("button", { name: "Send the voice note" }).click();
    const parts = await sink.until("the voice note", () => {
      const [event] = sink.events.slice(1);
      return event?.kind === "message" && event.message.parts;
    });
    expect(parts).toMatchObject([{ kind: "media", media: { kind: "voice", mimetype: "audio/mp4" } }]);

    const [part] = parts;
    if (part?.kind !== "media" || part.media.source.at !== "network" || client.openMedia === undefined)
      throw new Error("no file");
    await using file = await client.openMedia(part.media.source.ref);
    const found = await world.workshop.tools.inspect(file, "voice");
    expect(found).toMatchObject({ mimetype: "audio/mp4" });

    const [{ chat } = { chat: undefined }] = sink.events;
    if (chat === undefined) throw new Error("no chat");
    const id = "ANSWER" as MessageId;
    const body = { text: "For *four*", spans: [] };
    const outgoing = {
      kind: "message",
      message: { parts: [{ kind: "text", style: "text", body }] },
    } as const;
    const open = (): Promise<never> => Promise.reject(new Error("no files"));
    await client.send({ chat, id, outgoing, open }, sink.journal(id));
    await line(page, "four").waitFor();
    await sink.until("the read receipt", () =>
      sink.receipts.some(({ kind, ids }) => kind === "read" && ids.includes(id)),
    );
    expect(complaints).toEqual([]);
    expect(await world.violations()).toEqual([]);
  });
});
