// Finds while somebody types, and leads from the box to the results by arrow keys. Without it the button does the same.

const REST_MS = 250; // between two letters of somebody who types; every search is written down, so none is made for each
const LEAST = 2;

const form = document.querySelector("[data-search]");
const box = form.querySelector("input");
const place = document.getElementById("results");
const status = document.querySelector("[data-found]");
let asked = 0;
let shownFor = box.value.trim();
let timer;

function links() {
  return [...place.querySelectorAll("a.hit")];
}

async function find() {
  const typed = box.value.trim();
  if (typed === shownFor || (typed && typed.length < LEAST)) return;
  const turn = ++asked;
  const answer = await fetch(form.dataset.search, {
    method: "POST",
    body: new URLSearchParams({ typed }),
    headers: { accept: "text/html" },
  });
  if (answer.redirected) window.location.reload(); // the session is over
  if (turn !== asked || !answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  if (turn !== asked) return;
  shownFor = typed;
  place.replaceChildren(...document.importNode(page.body, true).childNodes);
  status.textContent = place.querySelector("[data-count]")?.dataset.count ?? "";
}

function move(event) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const stops = [box, ...links()];
  const at = stops.indexOf(document.activeElement);
  if (!step || at < 0) return;
  event.preventDefault();
  stops[Math.min(Math.max(at + step, 0), stops.length - 1)].focus();
}

box.addEventListener("input", () => {
  clearTimeout(timer);
  timer = setTimeout(() => find().catch(() => {}), REST_MS);
});
document.addEventListener("keydown", move);
for (const keys of document.querySelectorAll(".keys")) keys.hidden = false;
