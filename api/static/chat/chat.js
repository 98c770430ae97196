// The chat page: read this first. Composer -> outbox -> service -> follower -> transcript.
import { tellTyping } from "./api.js";
import "./appearance.js";
import { focusText, listenForWords, putBack, setDraft } from "./composer.js";
import { Follower } from "./follow.js";
import { dropHeld, holdReply, isHolding } from "./held.js";
import "./leave.js";
import { keepEnd, setState, showOwn, toEnd } from "./log.js";
import { Outbox } from "./outbox.js";
import { listenForRecall } from "./recall.js";
import { storage } from "./session.js";
import { beginConversation, noteAnswered, showReply, showTurns } from "./transcript.js";
import { showCut, showWait } from "./wait.js";

const byId = (id) => document.getElementById(id);
const [choices, reading, typing, log] = ["choices", "reading", "typing", "log"].map(byId);
let followed = storage.session()?.conversation_id ?? null;
let isSending = false;
let withPerson = false;

const outbox = new Outbox({
  onState(item, state) {
    setState(item.external_id, state);
    isSending = state === "sending";
    if (state === "failed") showCut("sending", true);
    if (state === "sent" || state === "refused") showCut("sending", false);
    if (state === "refused") putBack(item.text);
    showReading();
  },
  onAnswer(item, answer) {
    if (followed !== answer.conversation_id) beginConversation();
    followed = answer.conversation_id;
    noteAnswered(item, answer);
    showWait(answer.queue);
    withPerson = answer.reply === null;
    // With more on its way, the service takes the reply back and answers all of it.
    if (answer.reply && outbox.items.length === 0) {
      holdReply(answer, { onDue: () => showHeld(answer), onChange: showReading });
    }
    showReading();
    follower.follow(followed);
  },
});

const follower = new Follower({
  onUpdates(view) {
    const fresh = showTurns(view, outbox);
    // Written in another tab: what was held back here is taken back there.
    if (fresh.some((turn) => turn.role === "youth")) dropHeld();
    if (fresh.some((turn) => turn.role === "counsellor")) withPerson = true;
    if (fresh.some((turn) => turn.role !== "assistant")) choices.replaceChildren();
    keepEnd(() => (typing.hidden = !view.typing));
    showWait(view.waiting ?? null);
    showReading();
    if (log.hasAttribute("aria-busy")) toEnd();
    log.removeAttribute("aria-busy");
  },
  onReach(reached) {
    showCut("following", !reached);
    if (!reached) typing.hidden = true;
    log.removeAttribute("aria-busy");
  },
});

function showHeld(answer) {
  showReply(answer);
  showChoices(answer.reply.quick_replies);
}

function showReading() {
  keepEnd(() => (reading.hidden = withPerson || !(isSending || isHolding())));
}

function showChoices(words) {
  const buttons = words.map((word) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = word;
    return button;
  });
  keepEnd(() => choices.replaceChildren(...buttons));
}

// Half a character, as some keyboards leave behind, can be stored by no database.
function mend(words) {
  return Array.from(words, (each) => (/^[\ud800-\udfff]$/.test(each) ? "\ufffd" : each)).join("");
}

function say(words) {
  choices.replaceChildren();
  dropHeld();
  showOwn(outbox.add(mend(words)));
  outbox.pump();
}

listenForWords({
  onSay: say,
  onTyping() {
    // A notice that does not arrive is not worth a word.
    if (followed) tellTyping(followed).catch(() => {});
    return followed !== null;
  },
});
listenForRecall({
  onEdit(words) {
    putBack(words);
    focusText();
  },
});

choices.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  say(button.textContent);
  // Pressed by keyboard: the focus must not be lost with the button. A tap must not raise the keyboard.
  if (event.detail === 0) focusText();
});
byId("human").addEventListener("click", () => say(byId("human").dataset.message));
log.addEventListener("click", (event) => event.target.closest(".retry") && outbox.pump());

window.addEventListener("offline", () => {
  showCut("network", true);
  follower.cut();
});
function comeBack() {
  showCut("network", !navigator.onLine);
  follower.wake();
  outbox.pump();
}
window.addEventListener("online", comeBack);
document.addEventListener("visibilitychange", () => document.hidden || comeBack());

setDraft(storage.draft());
showCut("network", !navigator.onLine);
outbox.items.forEach((item) => showOwn(item));
if (followed) {
  // What was said before is put back, not read out.
  log.setAttribute("aria-busy", "true");
  follower.follow(followed);
}
outbox.pump();
