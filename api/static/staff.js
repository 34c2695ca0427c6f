// Staff's ceremonies: a button says where its options come from, and where the browser's answer goes.

import { authenticate, inWords, register } from "./ceremonies.js";
import { clear, say, whileBusy } from "./status.js";

const STOPS = ["signed_out", "step_up"];

async function run({ ceremony, options, answer }) {
  clear();
  try {
    const { next } = await (ceremony === "registration" ? register : authenticate)({ options, answer });
    window.location.assign(next);
  } catch (error) {
    if (STOPS.includes(error.reason)) window.location.assign(error.next);
    else say(inWords(error));
  }
}

for (const button of document.querySelectorAll("[data-ceremony]")) {
  button.addEventListener("click", () => whileBusy(button, () => run(button.dataset)));
  button.disabled = !window.PublicKeyCredential; // and before, a press would have gone unheard
}
