import { render } from "preact";
import { h } from "../../page/web/dom.ts";
import { takeKey } from "./api/session.ts";
import { App } from "./app.ts";

const key = takeKey();
const page = document.getElementById("page");
if (page !== null) render(h(App, { linkKey: key }), page);
