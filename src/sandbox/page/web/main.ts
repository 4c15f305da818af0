import { render } from "preact";
import { App } from "./app.ts";
import { h } from "./dom.ts";

const page = document.getElementById("page");
if (page !== null) render(h(App, {}), page);
