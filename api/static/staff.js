// Staff's ceremonies: a button says where its options come from, and where the browser's answer goes.

import { authenticate, inWordsAt, register } from "./ceremonies.js";
import { clear, say, whileBusy } from "./status.js";

const STOPS = ["signed_out", "step_up"];

async function run(button) {
  clear();
  try {
    const ceremony = button.dataset.ceremony === "registration" ? register : authenticate;
    const { next } = await ceremony(button.dataset);
    window.location.assign(next);
  } catch (error) {
    if (STOPS.includes(error.reason)) window.location.assign(error.next);
    else say(inWordsAt(button, error));
  }
}

for (const button of document.querySelectorAll("[data-ceremony]")) {
  button.addEventListener("click", () => whileBusy(button, () => run(button)));
  button.disabled = !window.PublicKeyCredential; // and before, a press would have gone unheard
}
