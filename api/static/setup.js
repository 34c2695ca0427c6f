// The set-up's pages: make a passkey, try it, wait for what happens elsewhere, keep recovery codes.

import { authenticate, inWordsAt, isCapable, post, register, report } from "./ceremonies.js";
import { clear, say, whileBusy } from "./status.js";
import "./keeping.js";
import "./waiting.js";

const TRIAL = { options: "/passkeys/prove/options", answer: "/passkeys/prove" };

async function run(button) {
  clear();
  const { ceremony, options, answer, hints } = button.dataset;
  const trial = answer ? { options, answer } : TRIAL;
  try {
    const { next } = ceremony === "registration" ? await register({ hints }) : await authenticate({ ...trial, hints });
    window.location.assign(next);
  } catch (error) {
    report(error, ceremony, answer ?? (ceremony === "registration" ? "/passkeys" : TRIAL.answer));
    say(inWordsAt(button, error));
    if (error.status === 401) window.location.assign(error.next);
  }
}

async function tellWhatThisDeviceCan() {
  const capable = await isCapable();
  for (const place of document.querySelectorAll("[data-cannot-here]")) place.hidden = capable;
  for (const place of document.querySelectorAll("[data-can-here]")) place.hidden = !capable;
  const isAnyway = !capable && Boolean(window.PublicKeyCredential);
  for (const place of document.querySelectorAll("[data-anyway]")) place.hidden = !isAnyway;
  if (!document.querySelector(".ways-out") || sessionStorage.getItem("prompt-seen")) return;
  await post("/setup/seen", { capable });
  sessionStorage.setItem("prompt-seen", "yes");
}

for (const button of document.querySelectorAll("[data-ceremony]")) {
  button.addEventListener("click", () => whileBusy(button, () => run(button)));
  button.disabled = false; // before, a press would have gone unheard
}
tellWhatThisDeviceCan().catch(() => {});
