// A wide screen has room for the whole case, and paper has to show it: there the folded parts are opened.

const folded = document.querySelectorAll("details[data-fold]");

function open() {
  for (const part of folded) part.open = true;
}

if (window.matchMedia("(min-width: 60rem)").matches) open();
window.addEventListener("beforeprint", open);
