// Says what happened, where screen readers listen, and keeps buttons from being pressed twice.

export function say({ text, isCalm, wayOn }) {
  const place = document.querySelector("[data-ceremony-status]");
  if (!place) return;
  const words = document.createElement("p");
  words.className = isCalm ? "notice" : "problem";
  words.textContent = text;
  place.replaceChildren(words);
  if (wayOn) leadOn(place, wayOn);
}

function leadOn(place, { href, label }) {
  const link = document.createElement("a");
  link.className = "button";
  link.href = href;
  link.textContent = label;
  place.append(link);
  link.focus(); // whoever uses the keyboard may have lost the button that was pressed
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
