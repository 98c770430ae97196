// 快速离开: one press, or Shift three times, and nothing of this page is left in the tab.
import { storage } from "./session.js";

const PRESSES = 3;
const WITHIN_MS = 2_000;
const button = document.getElementById("quick-exit");
let presses = [];

function leave() {
  storage.forgetAll();
  document.title = "";
  document.body.replaceChildren();
  location.replace(button.dataset.url);
}

button.addEventListener("click", leave);
document.addEventListener("keydown", (event) => {
  if (event.key !== "Shift") {
    presses = [];
  } else if (!event.repeat) {
    const now = Date.now();
    presses = [...presses.filter((at) => now - at < WITHIN_MS), now];
    if (presses.length >= PRESSES) leave();
  }
});
// A page kept for the back button must come back empty.
window.addEventListener("pageshow", (event) => {
  if (event.persisted && !storage.session()) location.reload();
});
