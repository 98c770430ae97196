// The line that says when a person will look, and the notice shown while there is no way through.
import { dayTime, serviceNow } from "./clock.js";

const line = document.getElementById("wait");
const notice = document.getElementById("offline");
const CHECK_EVERY_MS = 5_000;
let place = null;
const cuts = new Set();

// The place in line, or null when nobody waits: a counsellor has answered.
export function showWait(queue) {
  // An update may leave out whether counsellors are at work; then it is as it was.
  place = queue && { on_duty: place?.on_duty, ...queue };
  const words = place ? wordsFor(place) : "";
  // Written only when it changed, so that it is read out once.
  if (line.textContent !== words) line.textContent = words;
  line.hidden = !words;
}

function wordsFor({ position, respond_by, on_duty }) {
  const by = new Date(respond_by);
  const ahead = Math.max(0, (position ?? 1) - 1);
  const { first, waiting, late, closed, tomorrow, anotherDay } = line.dataset;
  if (by < serviceNow()) return late;
  const words = on_duty === false ? closed : ahead === 0 ? first : waiting;
  return words.replace("{ahead}", ahead).replace("{time}", dayTime(by, { tomorrow, anotherDay }));
}

// Each way to the service tells for itself; the notice goes when all are well.
export function showCut(way, isCut) {
  if (isCut) cuts.add(way);
  else cuts.delete(way);
  notice.hidden = cuts.size === 0;
}

setInterval(() => place && showWait(place), CHECK_EVERY_MS);
