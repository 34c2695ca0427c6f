// The set-up's pages: make a passkey, try it, wait for what happens elsewhere, keep recovery codes.

import { authenticate, explain, isCapable, post, register } from "./ceremonies.js";
import { clear, say, whileBusy } from "./status.js";
import "./keeping.js";
import "./waiting.js";

const TRIAL = { options: "/passkeys/prove/options", answer: "/passkeys/prove" };

async function run({ ceremony, options, answer }) {
  clear();
  const trial = answer ? { options, answer } : TRIAL;
  try {
    const { next } = ceremony === "registration" ? await register() : await authenticate(trial);
    window.location.assign(next);
  } catch (error) {
    say(explain(error, ceremony));
    if (error.name === "InvalidStateError" && ceremony === "registration") offerTrial();
    if (error.status === 401) window.location.assign(error.next);
  }
}

// The device has a passkey of this account already: trying it is what is left to do.
function offerTrial() {
  const link = document.createElement("a");
  link.className = "button quiet";
  link.href = window.location.pathname.replace("passkey", "prove");
  link.textContent = "Try it";
  document.querySelector("[data-ceremony-status]")?.append(link);
}

async function tellWhatThisDeviceCan() {
  const capable = await isCapable();
  for (const place of document.querySelectorAll("[data-cannot-here]")) place.hidden = capable;
  for (const place of document.querySelectorAll("[data-can-here]")) place.hidden = !capable;
  if (!document.querySelector(".ways-out") || sessionStorage.getItem("prompt-seen")) return;
  await post("/setup/seen", { capable });
  sessionStorage.setItem("prompt-seen", "yes");
}

for (const button of document.querySelectorAll("[data-ceremony]")) {
  button.addEventListener("click", () => whileBusy(button, () => run(button.dataset)));
  button.disabled = false; // before, a press would have gone unheard
}
tellWhatThisDeviceCan().catch(() => {});
