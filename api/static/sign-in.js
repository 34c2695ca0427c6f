// Signing in by a passkey: offered in the field from the start where the browser can, and by a button.

import { authenticate, hasConditionalRequests, inWords, isCapable, report } from "./ceremonies.js";
import { clear, say, whileBusy } from "./status.js";

const DOOR = { options: "/sign-in/passkey/options", answer: "/sign-in/passkey" };
// Its challenge is asked for when the page opens, and so says nothing of how long the person took.
const IN_FIELD = { ...DOOR, answer: "/sign-in/passkey?in_field=true" };
const OFFER_LIFETIME_MS = 4 * 60 * 1000; // a challenge lives five minutes
const OFFERED = "this-device-offered";
const OFFERED_EVERY_MS = 30 * 24 * 60 * 60 * 1000;

let offer = null;
let renewal = null;

async function offerInField() {
  if (!document.querySelector('[autocomplete~="webauthn"]') || !(await hasConditionalRequests())) return;
  const controller = new AbortController();
  offer = controller;
  clearTimeout(renewal);
  renewal = setTimeout(renewOffer, OFFER_LIFETIME_MS);
  try {
    await goOn(await authenticate({ ...IN_FIELD, mediation: "conditional", signal: controller.signal }));
  } catch (error) {
    if (controller.signal.aborted) return;
    // What nobody asked for must not complain; only a refusal of a passkey that was chosen is worth words.
    if (error.name === "Refusal" && error.status !== 429) {
      say(inWords(error));
      offerInField();
    }
  }
}

function renewOffer() {
  withdrawOffer();
  offerInField();
}

function withdrawOffer() {
  clearTimeout(renewal);
  offer?.abort();
  offer = null;
}

async function signIn() {
  withdrawOffer();
  clear();
  try {
    await goOn(await authenticate(DOOR));
  } catch (error) {
    report(error, "authentication", DOOR.answer);
    say(inWords(error));
    offerInField();
  }
}

async function goOn({ next, this_device: thisDevice }) {
  const isOffered = thisDevice && (await isWorthOffering().catch(() => false));
  window.location.assign(isOffered ? thisDevice : next);
}

// Whoever signed in by the phone beside this device may want a passkey here; nobody is asked each time.
async function isWorthOffering() {
  if (Date.now() - Number(localStorage.getItem(OFFERED)) < OFFERED_EVERY_MS || !(await isCapable())) return false;
  localStorage.setItem(OFFERED, Date.now());
  return true;
}

for (const button of document.querySelectorAll("[data-passkey-sign-in]")) {
  button.addEventListener("click", () => whileBusy(button, signIn));
  button.disabled = !window.PublicKeyCredential; // and before, a press would have gone unheard
}
if (window.PublicKeyCredential) offerInField();

// Whoever still waits for a code after some time is shown what else there is, whether or not a code was sent.
for (const help of document.querySelectorAll("[data-opens-after]")) {
  setTimeout(() => (help.open = true), Number(help.dataset.opensAfter) * 1000);
}
