// Helps to keep what is shown: copy, print, save. Without JavaScript the text can still be selected.

const source = document.querySelector("[data-copy-source]");

function text() {
  const lines = [...source.querySelectorAll("li")].map((line) => line.textContent.trim());
  return lines.length ? `${lines.join("\n")}\n` : source.textContent;
}

async function copy({ currentTarget: button }) {
  const label = button.textContent;
  await navigator.clipboard.writeText(text());
  button.textContent = "Copied";
  setTimeout(() => {
    button.textContent = label;
  }, 2000);
}

function save({ currentTarget: button }) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text()], { type: "text/plain" }));
  link.download = button.dataset.download;
  link.click();
  URL.revokeObjectURL(link.href);
}

if (source) {
  for (const place of document.querySelectorAll("[data-keep], [data-copy]")) place.hidden = false;
  document.querySelector("[data-copy]")?.addEventListener("click", copy);
  document.querySelector("[data-print]")?.addEventListener("click", () => window.print());
  document.querySelector("[data-download]")?.addEventListener("click", save);
}
