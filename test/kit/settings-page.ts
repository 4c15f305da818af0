/** Ana's settings page in a browser, and the bridge behind it, for the tests of that page. */
import { expect } from "@jest/globals";
import type { Page } from "playwright-core";
import { BridgeError } from "../../src/core/model/errors.ts";
import type { ChatId, PersonId, RoomId, UserId } from "../../src/core/model/ids.ts";
import { ANA } from "./flow-world.ts";
import type { MemoryClient } from "./memory-client.ts";
import {
  accessibilityFaults,
  deskSize,
  type OpenedPage,
  type PageBrowser,
  phoneSize,
} from "./page-browser.ts";
import { ProvisionedWorld } from "./provisioned-world.ts";

/** What a contact is found by. */
export function findable(
  here: ProvisionedWorld,
  query: string,
  name: string,
  reachability: "reachable" | "off" = "reachable",
): void {
  const contact = { person: name as PersonId, chat: name as ChatId, name, reachability };
  here.world.network.contacts.set(query, { kind: "found", contact });
}

interface SettledBridge extends AsyncDisposable {
  readonly here: ProvisionedWorld;
  /** Ana's chat with the bot. */
  readonly bot: RoomId;
}

/** A bridge with a settings page, and Ana's chat with its bot. */
export async function settled(): Promise<SettledBridge> {
  const here = await ProvisionedWorld.start({ isSeen: true });
  return { here, bot: await here.world.meets(ANA), [Symbol.asyncDispose]: () => here[Symbol.asyncDispose]() };
}

/** The address that the bot gives. */
export async function linkFor(here: ProvisionedWorld, user: UserId, bot: RoomId): Promise<string> {
  await here.world.says(user, bot, "settings");
  const [address] = /http\S+\/settings\/#\S+/.exec(here.linked.last(bot)) ?? [];
  if (address === undefined) throw new Error("the bot gives no link");
  return address;
}

export async function openSettings(
  browser: PageBrowser,
  here: ProvisionedWorld,
  bot: RoomId,
  size = phoneSize,
): Promise<OpenedPage> {
  return browser.open(await linkFor(here, ANA, bot), size);
}

/** Ana writes to a contact what the network refuses. */
export async function fails(here: ProvisionedWorld, client: MemoryClient, contact: string): Promise<void> {
  const { world } = here;
  const { room } = await world.portal(ANA, contact);
  client.faults.push({
    when: "before",
    error: new BridgeError("not-reachable", { words: `${contact} turned it off.`, certain: true }),
  });
  const event = world.text(ANA, room, "see you at nine");
  if (event.kind === "message") world.homeserver.written.set(event.id, event);
  await world.push(event);
}

/** Makes a choice, until the bridge has it: the page shows it sooner. */
export async function chosen(page: Page, choose: () => Promise<void>): Promise<void> {
  const answered = page.waitForResponse((response) => response.request().method() === "PUT");
  await choose();
  expect((await answered).status()).toBe(200);
}

/** Waits until the keyboard is at what this selector names: what moves it may come after what is seen. */
export const focusAt = (page: Page, selector: string, text = ""): Promise<void> =>
  page.locator(`${selector}:focus`, { hasText: text }).waitFor();

/** The card with this title. */
export const card = (page: Page, title: string | RegExp) => page.getByRole("region", { name: title });

/** The page as it is has no fault for axe, small and light or wide and dark, and nothing is wider than the window. */
export async function nothingIsWrong({ page, complaints }: OpenedPage): Promise<void> {
  const size = page.viewportSize() ?? phoneSize;
  const views = [
    [phoneSize, "light"],
    [deskSize, "dark"],
  ] as const;
  for (const [viewport, colorScheme] of views) {
    await page.setViewportSize(viewport);
    await page.emulateMedia({ colorScheme });
    expect(await accessibilityFaults(page)).toEqual([]);
    expect(await page.evaluate("document.documentElement.scrollWidth - innerWidth")).toBeLessThanOrEqual(0);
  }
  await page.setViewportSize(size);
  await page.emulateMedia({ colorScheme: "light" });
  // Where a test cuts the page off, it asks again and again meanwhile.
  expect(complaints.filter((line) => !line.endsWith("net::ERR_INTERNET_DISCONNECTED"))).toEqual([]);
}

/** Says nothing of refusals that a test asks for: the browser's console names each. */
export function refusalsAreFine(opened: OpenedPage): void {
  const others = opened.complaints.filter((line) => !line.startsWith("Failed to load resource"));
  opened.complaints.splice(0, Infinity, ...others);
}
