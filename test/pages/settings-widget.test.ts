import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { ANA } from "../kit/flow-world.ts";
import { deskSize, PageBrowser, thereIsChromium } from "../kit/page-browser.ts";
import { ProvisionedWorld } from "../kit/provisioned-world.ts";

const withChromium = thereIsChromium ? describe : describe.skip;

/** A Matrix client as far as a widget sees one: it holds a page, asks its person, and gives their OpenID token. */
class WidgetClient implements AsyncDisposable {
  readonly #server = createServer((request, response) => {
    const held = new URL(request.url ?? "", "http://client.test").searchParams.get("hold") ?? "";
    response.setHeader("content-type", "text/html").end(`<!doctype html><title>client</title><script>
      addEventListener("message", ({ source, origin, data }) => {
        if (data.api !== "fromWidget" || data.action !== "get_openid" || data.response) return;
        source.postMessage({ ...data, response: { state: "request" } }, origin);
        source.postMessage({ api: "toWidget", action: "capabilities", requestId: "1", data: {} }, origin);
        const token = { state: "allowed", access_token: "anas-openid-token", original_request_id: data.requestId };
        source.postMessage({ api: "toWidget", action: "openid_credentials", requestId: "2", data: token }, origin);
      });
    </script><iframe title="widget" width="900" height="700" src="${held.replaceAll('"', "")}"></iframe>`);
  });

  async start(): Promise<string> {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, "close");
  }
}

withChromium("the settings page in a frame", () => {
  let browser: PageBrowser;
  beforeAll(async () => {
    browser = await PageBrowser.start();
  });
  afterAll(async () => {
    await browser[Symbol.asyncDispose]();
  });

  test("knows its person by the OpenID token of the client that shows it as a widget", async () => {
    await using client = new WidgetClient();
    const origin = await client.start();
    await using here = await ProvisionedWorld.start({ isSeen: true, frames: [origin] });
    here.tokens.openId.set("anas-openid-token", ANA);
    const held = `${here.url}/settings/?widgetId=settings&user=${encodeURIComponent(ANA)}`;
    await using opened = await browser.open(
      `${origin}/?hold=${encodeURIComponent(held)}`,
      deskSize,
      "light",
      [here.url],
    );
    const widget = opened.page.frameLocator("iframe");
    await widget.getByRole("switch", { name: "WhatsApp" }).waitFor();
    expect(here.tokens.asked).toEqual([`${ANA} anas-openid-token`]);
    expect(opened.complaints).toEqual([]);
  });

  test("is not shown by a page that nobody named", async () => {
    await using client = new WidgetClient();
    const origin = await client.start();
    await using here = await ProvisionedWorld.start({ isSeen: true });
    here.tokens.openId.set("anas-openid-token", ANA);
    const held = `${here.url}/settings/?widgetId=settings&user=${encodeURIComponent(ANA)}`;
    await using opened = await browser.open(
      `${origin}/?hold=${encodeURIComponent(held)}`,
      deskSize,
      "light",
      [here.url],
    );
    await opened.page.waitForLoadState("load");
    expect(opened.complaints.join("\n")).toMatch(/frame/i);
    expect(here.tokens.asked).toEqual([]);
  });
});
