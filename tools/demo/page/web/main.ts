import { render } from "preact";
import { h } from "../../../../src/page/web/dom.ts";
import { App } from "./app.ts";

const page = document.getElementById("page");
if (page !== null) render(h(App, {}), page);
