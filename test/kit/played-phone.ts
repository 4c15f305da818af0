/** Wim's phone in a browser, and Ana at the other end, for the tests of the phone's page. */
import { expect } from "@jest/globals";
import type { Locator, Page } from "playwright-core";
import { AnsweringUser } from "./answering-user.ts";
import {
  accessibilityFaults,
  deskSize,
  type OpenedPage,
  type PageBrowser,
  phoneSize,
} from "./page-browser.ts";
import type { PersonHandle } from "./sandbox-client.ts";
import { SandboxWorld } from "./sandbox-world.ts";

export const sub = "@ana:example.org";
export const chatWithAna = `#/wa-1/chat/${encodeURIComponent(sub)}`;

interface Acquaintance extends AsyncDisposable {
  readonly world: SandboxWorld;
  readonly wim: PersonHandle;
  readonly ana: AnsweringUser;
}

/** Wim, who has written to Ana. @param mediaHosts where Ana's files may be. */
export async function acquainted(mediaHosts: readonly string[] = []): Promise<Acquaintance> {
  const world = await SandboxWorld.start(":memory:", undefined, mediaHosts);
  const wim = await world.client.person({ network: "whatsapp", name: "Wim de Vries" });
  const ana = await AnsweringUser.start(world, sub);
  const first = ana.hears("text");
  await wim.says(sub, "Shall I book?", { id: "FIRST" });
  await first;
  return { world, wim, ana, [Symbol.asyncDispose]: () => world[Symbol.asyncDispose]() };
}

export const openPhone = (
  browser: PageBrowser,
  world: SandboxWorld,
  place: string,
  size = phoneSize,
): Promise<OpenedPage> => browser.open(`${world.gatekeeper.url}/phone/${place}`, size);

/** The line of the chat with the message that says this. */
export const line = (page: Page, text: string): Locator => page.locator(".line", { hasText: text });

/** Opens what one can do with a message. */
export async function acts(page: Page, text: string): Promise<void> {
  await line(page, text).hover();
  await line(page, text).getByRole("button", { name: "What to do with" }).click();
}

/** The page as it is has no fault for axe, small and light or wide and dark; nothing complained, and the app kept to the profile. */
export async function nothingIsWrong(world: SandboxWorld, { page, complaints }: OpenedPage): Promise<void> {
  const size = page.viewportSize() ?? phoneSize;
  const views = [
    [phoneSize, "light"],
    [deskSize, "dark"],
  ] as const;
  for (const [viewport, colorScheme] of views) {
    await page.setViewportSize(viewport);
    await page.emulateMedia({ colorScheme });
    expect(await accessibilityFaults(page)).toEqual([]);
  }
  await page.setViewportSize(size);
  await page.emulateMedia({ colorScheme: "light" });
  expect(complaints).toEqual([]);
  expect(await world.client.violations()).toEqual([]);
}
