/** A real Chromium for the pages' tests: Debian's, or the one that CHROMIUM names. */
import { existsSync } from "node:fs";
import axe, { type AxeResults } from "axe-core";
import { type Browser, chromium, type Page } from "playwright-core";

const executable = process.env["CHROMIUM"] ?? "/usr/bin/chromium";

export const thereIsChromium = existsSync(executable);

/** The widths at which every page is tested. */
export const phoneSize = { width: 390, height: 844 };
export const deskSize = { width: 1280, height: 900 };

/** A page in a browser profile of its own, which ends with it. */
export interface OpenedPage extends AsyncDisposable {
  readonly page: Page;
  /** What the console said of errors, and every request that left the page's origin and those alongside. */
  readonly complaints: string[];
}

export class PageBrowser implements AsyncDisposable {
  readonly #browser: Browser;

  static async start(): Promise<PageBrowser> {
    const args = [
      "--no-sandbox",
      "--disable-dev-shm-usage",
      "--use-fake-device-for-media-stream",
      "--use-fake-ui-for-media-stream",
    ];
    return new PageBrowser(await chromium.launch({ executablePath: executable, args }));
  }

  private constructor(browser: Browser) {
    this.#browser = browser;
  }

  /** @param alongside other origins that the page has to do with. */
  async open(
    url: string,
    viewport: { readonly width: number; readonly height: number },
    colorScheme: "light" | "dark" = "light",
    alongside: readonly string[] = [],
  ): Promise<OpenedPage> {
    const origins = [new URL(url).origin, ...alongside];
    const context = await this.#browser.newContext({
      viewport,
      colorScheme,
      locale: "en-GB",
      permissions: ["microphone", "clipboard-write"],
    });
    const page = await context.newPage();
    page.setDefaultTimeout(15_000);
    const complaints: string[] = [];
    page.on("pageerror", (error) => complaints.push(error.message));
    page.on("console", (message) => {
      if (message.type() === "error") complaints.push(message.text());
    });
    page.on("request", (request) => {
      const there = request.url();
      const stays = there.startsWith("blob:") || origins.some((origin) => there.startsWith(`${origin}/`));
      if (!stays) complaints.push(`left for ${there}`);
    });
    await page.goto(url);
    return { page, complaints, [Symbol.asyncDispose]: () => context.close() };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#browser.close();
  }
}

/** What axe finds wrong on the page as it is, a line each. The page's own policy lets no script in; the debugger's does not ask it. */
export async function accessibilityFaults(page: Page): Promise<readonly string[]> {
  if (!(await page.evaluate<boolean>("'axe' in window"))) await page.evaluate(axe.source);
  // What is still fading in has the contrast of a moment.
  await page.evaluate("Promise.allSettled(document.getAnimations().map(({ finished }) => finished))");
  const { violations } = await page.evaluate<AxeResults>(
    "axe.run({ resultTypes: ['violations'], preload: false })",
  );
  return violations.flatMap(({ id, help, nodes }) => nodes.map(({ html }) => `${id}: ${help}: ${html}`));
}
