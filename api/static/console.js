// Keeps the console fresh: exchanges the parts that changed, and leaves alone whatever somebody is busy with.

const EVERY_MS = 2000;
const REST = 4; // of the time that an answer takes, so that a busy server is asked less often

// The server says where the year matters; the zone is always named, because the reader's is not everybody's.
const parts = { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", timeZoneName: "short" };
const moment = new Intl.DateTimeFormat(undefined, parts);
const momentWithYear = new Intl.DateTimeFormat(undefined, { year: "numeric", ...parts });
const exact = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "long" });

function inWords(element, at) {
  return ("year" in element.dataset ? momentWithYear : moment).format(at);
}

function tellLocalTimes(within) {
  for (const time of within.querySelectorAll("time[data-local]")) {
    const at = new Date(time.dateTime);
    time.textContent = inWords(time, at);
    time.title = exact.format(at);
  }
  for (const tick of within.querySelectorAll("[data-instant]")) {
    tick.textContent = inWords(tick, new Date(tick.dataset.instant));
  }
}

function isBusyWith(part) {
  return part.querySelector("details[data-order][open]") || part.querySelector("form")?.contains(document.activeElement);
}

function exchange(shown, fresh) {
  if (shown.dataset.digest === fresh.dataset.digest) return;
  if (isBusyWith(shown)) {
    const stale = shown.querySelector(".stale");
    if (stale) stale.hidden = shown.dataset.version === fresh.dataset.version;
    return;
  }
  const focused = shown.contains(document.activeElement) && document.activeElement.id;
  const scrolled = [...shown.querySelectorAll(".scroll[id]")].map(({ id, scrollLeft }) => [id, scrollLeft]);
  tellLocalTimes(fresh);
  shown.replaceWith(fresh);
  for (const [id, left] of scrolled) document.getElementById(id)?.scrollTo({ left });
  if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
}

async function refresh(place) {
  const answer = await fetch(place.dataset.liveFrom, { headers: { accept: "text/html" } });
  if (answer.redirected) window.location.reload(); // the session is over
  if (!answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const fresh of page.querySelectorAll("[data-live]")) {
    const shown = document.getElementById(fresh.id);
    if (shown) exchange(shown, document.importNode(fresh, true));
  }
}

async function keepFresh(place) {
  const asked = performance.now();
  if (!document.hidden) {
    const isThere = await refresh(place).then(() => true, () => false);
    document.body.classList.toggle("away", !isThere);
  }
  setTimeout(keepFresh, Math.max(EVERY_MS, REST * (performance.now() - asked)), place);
}

function offerFile(row) {
  row.hidden = false;
  row.querySelector("input").addEventListener("change", async ({ target }) => {
    if (!target.files.length) return;
    const box = document.getElementById("description");
    box.value = await target.files[0].text();
    box.dispatchEvent(new Event("input"));
  });
}

// A draft stays in its tab until it is saved: over a sign-in, a step up, or a page that was closed by mistake.
function keepDraft(box) {
  const key = `draft:${box.dataset.draft}`;
  const restored = document.querySelector("[data-restored]");
  const first = box.value;
  const kept = sessionStorage.getItem(key);
  if ("typed" in box.dataset) {
    sessionStorage.setItem(key, first);
  } else if (kept !== null && kept !== first) {
    box.value = kept;
    restored.hidden = false;
  }
  box.addEventListener("input", () => sessionStorage.setItem(key, box.value));
  restored.querySelector("button").addEventListener("click", () => {
    sessionStorage.removeItem(key);
    box.value = first;
    restored.hidden = true;
    box.focus();
  });
}

// A mistake leads to its line: it is selected, and in view.
function showLine(event) {
  event.preventDefault();
  const box = document.getElementById("description");
  const lines = box.value.split("\n");
  const number = Number(event.currentTarget.dataset.line) - 1;
  const start = lines.slice(0, number).reduce((sum, line) => sum + line.length + 1, 0);
  box.focus();
  box.setSelectionRange(start, start + (lines[number] ?? "").length);
  box.scrollTop = (box.scrollHeight / lines.length) * Math.max(number - 3, 0);
  box.scrollIntoView({ block: "center" });
}

// After a step up, the button that waits to be pressed is marked, and brought into view.
function markAwaited(action) {
  const button = [...document.querySelectorAll("form")].find((form) => form.getAttribute("action") === action)?.querySelector("button:last-of-type")
    ?? document.querySelector(`button[data-options="${CSS.escape(action)}"]`);
  if (!button) return;
  button.classList.add("awaited");
  button.focus();
  button.scrollIntoView({ block: "center" });
}

// After `g`, the next key says where to go: `t` to today, `c` to the cohorts, `d` to the desk.
const ROOMS = { t: "/console/home", c: "/console", d: "/console/desk" };
const PATIENCE_MS = 1500;
let wentAt = -Infinity;

document.addEventListener("keydown", (event) => {
  const isTyping = event.target.closest("input, select, textarea");
  if (isTyping || event.ctrlKey || event.metaKey || event.altKey) return;
  const room = event.timeStamp - wentAt < PATIENCE_MS && ROOMS[event.key];
  wentAt = event.key === "g" ? event.timeStamp : -Infinity;
  const link = room && document.querySelector(`.rooms a[href="${room}"]`);
  if (!link) return;
  event.preventDefault();
  link.click();
});

tellLocalTimes(document);
const kept = document.querySelector("[data-kept-form]");
if (kept) markAwaited(kept.dataset.keptForm);
const place = document.querySelector("[data-live-from]");
if (place) setTimeout(keepFresh, EVERY_MS, place);
const row = document.querySelector("[data-file]");
if (row) offerFile(row);
const draft = document.querySelector("[data-draft]");
if (draft) keepDraft(draft);
for (const link of document.querySelectorAll("[data-line]")) link.addEventListener("click", showLine);
document.addEventListener("keydown", ({ key, target }) => {
  const open = key === "Escape" && target.closest("details[open]");
  if (!open) return;
  open.open = false;
  open.querySelector("summary").focus();
});
document.addEventListener("keydown", (event) => {
  const isTyping = event.target.closest("input, select, textarea");
  if (event.key !== "/" || isTyping || event.ctrlKey || event.metaKey || event.altKey) return;
  const box = document.querySelector("[data-search] input");
  const link = document.querySelector("a[data-slash]");
  if (!box && !link) return;
  event.preventDefault();
  if (box) box.select();
  else link.click();
});
