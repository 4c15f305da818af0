import { render } from "preact";
import { h } from "../../page/web/dom.ts";
import { takeKey } from "./api/session.ts";
import { App } from "./app.ts";

const page = document.getElementById("page");

function open(key: string | undefined): void {
  if (page !== null) render(h(App, { key, linkKey: key }), page);
}

open(takeKey());
// A link that is opened where the page is open already changes its address alone.
addEventListener("hashchange", () => {
  const key = takeKey();
  if (key !== undefined) open(key);
});
