// Says what happened, where screen readers listen, and keeps buttons from being pressed twice.

export function say(text) {
  const place = document.querySelector("[data-ceremony-status]");
  if (!place) return;
  const words = document.createElement("p");
  words.className = "problem";
  words.textContent = text;
  place.replaceChildren(words);
}

export function clear() {
  document.querySelector("[data-ceremony-status]")?.replaceChildren();
}

export async function whileBusy(button, work) {
  if (button.getAttribute("aria-busy") === "true") return;
  button.setAttribute("aria-busy", "true");
  try {
    await work();
  } finally {
    button.removeAttribute("aria-busy");
  }
}
