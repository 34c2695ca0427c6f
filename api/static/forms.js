// Keeps a form that is under way from being sent again, by a second press or another button of the page.

const GIVE_UP_MS = 30 * 1000; // whoever has stopped the loading may press again; the server answers twice alike

let underWay = null;

function begin(form, button) {
  underWay = { form, button, timer: setTimeout(end, GIVE_UP_MS) };
  button?.setAttribute("aria-busy", "true");
}

function end() {
  clearTimeout(underWay?.timer);
  underWay?.button?.removeAttribute("aria-busy");
  underWay = null;
}

document.addEventListener("submit", (event) => {
  if (event.defaultPrevented || event.target.method !== "post") return;
  if (underWay) event.preventDefault();
  else begin(event.target, event.submitter);
});
// A page that comes back from the browser's memory is as it was left.
window.addEventListener("pageshow", end);
