// Waits for something to happen on another device, and then goes on.

const EVERY_MS = 2000;
const waiting = document.querySelector("[data-wait-for]");

async function look() {
  const response = await fetch("/setup/status", { headers: { Accept: "application/json" } });
  if (response.status === 401) return window.location.assign("/sign-in");
  if (!response.ok) return null;
  const status = (await response.json())[waiting.dataset.waitFor];
  const isThere = typeof status === "number" ? status > Number(waiting.dataset.at) : status;
  return isThere ? window.location.assign(waiting.dataset.next) : null;
}

async function keepLooking() {
  // A page in the background asks nothing; it looks again as soon as it is back.
  if (!document.hidden) await look().catch(() => {});
  setTimeout(keepLooking, EVERY_MS);
}

if (waiting) {
  setTimeout(keepLooking, EVERY_MS);
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) look().catch(() => {});
  });
}
