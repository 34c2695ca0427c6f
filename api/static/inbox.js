// Keeps the development inbox fresh, without losing the place in it.

const EVERY_MS = 1500;

async function refresh() {
  const page = await (await fetch(window.location.href)).text();
  const fresh = new DOMParser().parseFromString(page, "text/html").querySelector("[data-inbox]");
  const shown = document.querySelector("[data-inbox]");
  if (newest(fresh) !== newest(shown)) shown.replaceWith(fresh);
}

function newest(inbox) {
  return inbox.querySelector("[data-key]")?.dataset.key;
}

async function keepFresh() {
  if (!document.hidden) await refresh().catch(() => {});
  setTimeout(keepFresh, EVERY_MS);
}

document.addEventListener("click", async ({ target }) => {
  if (!target.dataset?.copyCode) return;
  await navigator.clipboard.writeText(target.dataset.copyCode);
  target.classList.add("copied");
});
setTimeout(keepFresh, EVERY_MS);
