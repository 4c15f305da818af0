/** Takes the picture of README.md: the demo's page in the middle of a conversation. Needs Debian's Chromium, or CHROMIUM. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { type Browser, chromium, type FrameLocator, type Locator, type Page } from "playwright-core";
import sharp from "sharp";
import { SandboxControl } from "../sandbox/control.ts";
import { projectRoot } from "../world/world.ts";

const target = join(projectRoot, "docs/screenshot.png");
/** Bytes. A page of text on GitHub loads it each time. */
const largest = 200_000;

const garden = `<svg xmlns="http://www.w3.org/2000/svg" width="640" height="300" viewBox="0 60 640 300">
  <rect width="640" height="400" fill="#bfe3ef"/><circle cx="520" cy="90" r="46" fill="#ffe08a"/>
  <path d="M0 250q160-90 320-20t320-30v200H0z" fill="#7fb77e"/><path d="M0 310q200-60 360 0t280-10v100H0z" fill="#4f8f5b"/>
  <g fill="#8a5a3c"><rect x="150" y="262" width="150" height="12" rx="4"/><rect x="170" y="274" width="10" height="56"/><rect x="270" y="274" width="10" height="56"/></g>
  <g fill="#d8564b"><circle cx="420" cy="330" r="9"/><circle cx="470" cy="345" r="9"/><circle cx="390" cy="352" r="9"/><circle cx="540" cy="334" r="9"/></g>
</svg>`;

interface Told {
  readonly page: string;
  readonly sandbox: string;
  readonly user_id: string;
}

/** Starts a demo with data of its own, until it is disposed. */
async function demo(): Promise<Told & AsyncDisposable> {
  const data = mkdtempSync(join(tmpdir(), "screenshot-"));
  const child = spawn(process.execPath, ["tools/demo/run.ts", "--json", "--data", data], {
    cwd: projectRoot,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = once(child, "exit");
  const [line] = (await once(createInterface(child.stdout), "line")) as [string];
  return {
    ...(JSON.parse(line) as Told),
    async [Symbol.asyncDispose]() {
      child.kill("SIGINT");
      await ended;
      rmSync(data, { recursive: true, force: true });
    },
  };
}

type End = Locator | FrameLocator;

const lineOf = (end: End, text: string): Locator => end.locator(".line", { hasText: text }).last();

async function write(end: End, text: string): Promise<void> {
  const field = end.getByRole("textbox", { name: /^Message/ });
  await field.fill(text);
  await field.press("Enter");
}

async function acts(end: End, text: string, act: string): Promise<void> {
  await lineOf(end, text).hover();
  await lineOf(end, text).getByRole("button", { name: "What to do with" }).click();
  await end.getByRole("button", { name: act }).click();
}

/** Both of them talk, by what the page offers for it. */
async function converse(page: Page, { sandbox, user_id: ana }: Told): Promise<void> {
  const client = page.locator(".client");
  const phone = page.frameLocator("iframe");
  const { people } = await new SandboxControl(sandbox).call("GET", "/people");
  const mara = (people as { readonly person: string; readonly network: string }[]).find(
    ({ network }) => network === "messenger",
  );
  await write(phone, "Shall I book for *nine*?");
  await client.getByRole("link", { name: /Wim de Vries/ }).click();
  await lineOf(client, "Shall I book").waitFor();
  await acts(client, "Shall I book", "👍");
  await acts(client, "Shall I book", "Reply");
  await write(client, "Yes, four of us. The garden if they have it.");
  await lineOf(phone, "Yes, four of us").waitFor();
  await client.locator("input[type=file]").setInputFiles({
    name: "garden.png",
    mimeType: "image/png",
    buffer: await sharp(Buffer.from(garden)).png().toBuffer(),
  });
  await page.getByRole("textbox", { name: "Caption" }).fill("This one");
  await page.getByRole("button", { name: "Send", exact: true }).click();
  await lineOf(phone, "This one").getByRole("img", { name: "This one" }).waitFor();
  await phone.getByRole("button", { name: "Record a voice note" }).click();
  await phone.getByText(/^Recording 0:02$/).waitFor();
  await phone.getByRole("button", { name: "Send the voice note" }).click();
  await client.getByRole("button", { name: /^Play the voice note/ }).waitFor();
  await write(client, "Lovely voice ❤️");
  await lineOf(client, "Lovely voice").getByRole("img", { name: "read" }).waitFor();
  for (const text of ["Ciao Ana!", "See you at nine?"])
    await new SandboxControl(sandbox).call("POST", `/people/${mara?.person}/do`, {
      verb: "says",
      to: ana,
      text,
    });
  await client.getByRole("link", { name: /Mara Rossi.*2 unread/ }).waitFor();
}

async function taken(browser: Browser, told: Told): Promise<Buffer> {
  const context = await browser.newContext({
    viewport: { width: 1360, height: 800 },
    deviceScaleFactor: 1.5,
    locale: "en-GB",
    permissions: ["microphone"],
  });
  const page = await context.newPage();
  await page.goto(told.page);
  await converse(page, told);
  await page.mouse.move(0, 0);
  await page.evaluate("document.activeElement.blur()");
  await page.evaluate("Promise.allSettled(document.getAnimations().map(({ finished }) => finished))");
  return page.screenshot();
}

const executablePath = process.env["CHROMIUM"] ?? "/usr/bin/chromium";
const args = ["--no-sandbox", "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"];
const browser = await chromium.launch({ executablePath, args });
try {
  await using told = await demo();
  const shot = await taken(browser, told);
  const png = await sharp(shot)
    .png({ palette: true, colours: 128, effort: 10, compressionLevel: 9 })
    .toBuffer();
  if (png.length > largest) throw new Error(`The picture has ${png.length} bytes, more than ${largest}`);
  writeFileSync(target, png);
  process.stdout.write(`${target}: ${png.length} bytes\n`);
} finally {
  await browser.close();
}
