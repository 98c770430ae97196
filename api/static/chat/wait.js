// The line that says when a person will look, and the notice shown while there is no network.
import { clockTime } from "./log.js";

const line = document.getElementById("wait");
const notice = document.getElementById("offline");
const CHECK_EVERY_MS = 5_000;
let respondBy = null;

export function showWait(queue) {
  if (!queue?.respond_by) return;
  respondBy = new Date(queue.respond_by);
  const ahead = Math.max(0, (queue.position ?? 1) - 1);
  const words = ahead === 0 ? line.dataset.first : line.dataset.waiting;
  line.textContent = words.replace("{ahead}", ahead).replace("{time}", clockTime(respondBy));
  line.hidden = false;
  noteLateness();
}

function noteLateness() {
  if (respondBy && respondBy < new Date() && line.textContent !== line.dataset.late) {
    line.textContent = line.dataset.late;
  }
}

export function showOffline(offline) {
  notice.hidden = !offline;
}

setInterval(noteLateness, CHECK_EVERY_MS);
