// Starts the page.
import { render } from "/vendor/preact.js";
import { announce } from "./announce.js";
import { createApp } from "./app.js";
import { html } from "./html.js";
import { listenToKeys } from "./keys.js";
import { socketUrl, takeToken } from "./token.js";
import { Page } from "./view/page.js";

const place = document.getElementById("page") ?? document.body;
const app = createApp({
  url: socketUrl(takeToken()),
  draw(shown, drawn) {
    render(html`<${Page} shown=${shown} app=${drawn} />`, place);
    announce(shown);
  },
});
listenToKeys(app);
