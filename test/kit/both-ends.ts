/** The demo's page in a browser: a Matrix client on the left, a phone in a frame on the right. */
import type { FrameLocator, Locator, Page } from "playwright-core";

/** One end of the conversation: the client, or the phone. */
export type End = Locator | FrameLocator;

export const clientOf = (page: Page): Locator => page.locator(".client");
export const phoneOf = (page: Page): FrameLocator => page.frameLocator("iframe");

/** The line of the open chat that says this, and not one that quotes it. */
export const lineOf = (end: End, text: string): Locator =>
  end.locator(`.line:has(.bubble > :is(.said, .gone):has-text(${JSON.stringify(text)}))`);

export async function write(end: End, text: string): Promise<void> {
  const field = end.getByRole("textbox", { name: /^Message/ });
  await field.fill(text);
  await field.press("Enter");
}

/** Opens what one can do with a message. */
export async function actsOf(end: End, text: string): Promise<void> {
  await lineOf(end, text).hover();
  await lineOf(end, text).getByRole("button", { name: "What to do with" }).click();
}

/** Records for a second, and sends it. */
export async function record(end: End): Promise<void> {
  await end.getByRole("button", { name: "Record a voice note" }).click();
  await end.getByText(/^Recording 0:01$/).waitFor();
  await end.getByRole("button", { name: "Send the voice note" }).click();
}
