// The service's turns and the page's bubbles made one: each turn is shown once, whichever way it comes first.
import { findBubble, place, setState, setTime, showAnswer, showOwn } from "./log.js";
import { showRecalled } from "./recall.js";
import { storage } from "./session.js";

const log = document.getElementById("log");

// Another conversation counts its positions anew; what was said stays where it stands.
export function beginConversation() {
  for (const bubble of log.children) delete bubble.dataset.position;
}

// The answer to an own message has come: from now on the message is known by the service's id.
export function noteAnswered({ external_id }, { message_id, received_at }) {
  storage.keepSentAs(message_id, external_id);
  const bubble = findBubble("id", external_id);
  if (!bubble) return;
  bubble.dataset.message = message_id;
  setTime(bubble, new Date(received_at));
}

// The reply that came with an answer, unless it was told as a turn already: it stands right behind its message.
export function showReply({ message_id, received_at, reply }) {
  const own = findBubble("message", message_id);
  if (!own) return;
  const position = Number(own.dataset.position ?? 0);
  const known = position ? findBubble("position", position + 1) : findBubble("answers", message_id);
  if (known) return;
  const bubbles = showAnswer({
    role: "assistant",
    text: reply.messages.join("\n"),
    at: new Date(reply.show_at ?? received_at),
    position: position && position + 1,
    after: own,
  });
  bubbles.forEach((bubble) => (bubble.dataset.answers = message_id));
}

// Shows what is new; tells which turns were.
export function showTurns({ turns, recalled }, outbox) {
  const fresh = turns.filter((turn) => showTurn(turn, outbox));
  for (const message_id of recalled) {
    const bubble = findBubble("message", message_id);
    if (bubble) showRecalled(bubble);
  }
  return fresh;
}

function showTurn(turn, outbox) {
  if (findBubble("position", turn.position)) return false;
  if (turn.role === "youth") return showYouthTurn(turn, outbox);
  showAnswer({ ...turn, at: new Date(turn.received_at) });
  return true;
}

function showYouthTurn(turn, outbox) {
  const at = new Date(turn.received_at);
  const own = findBubble("message", turn.message_id) ?? claimUnanswered(turn, outbox);
  const bubble =
    own ??
    showOwn({
      external_id: storage.sentAs(turn.message_id),
      text: turn.text,
      sent_at: at,
      state: "sent",
      position: turn.position,
    });
  bubble.dataset.message = turn.message_id;
  if (own) {
    setTime(own, at);
    place([own], turn.position);
    const answers = log.querySelectorAll(`[data-answers="${CSS.escape(turn.message_id)}"]`);
    if (answers.length) place(Array.from(answers), turn.position + 1);
  }
  if (turn.recalled) showRecalled(bubble);
  return !own;
}

// Stored although its answer is not here: known by its time of writing, or its words where the clock was unfit.
function claimUnanswered(turn, outbox) {
  const item = outbox.items.find(
    (each) =>
      !findBubble("id", each.external_id)?.dataset.message &&
      (turn.sent_at ? Date.parse(each.sent_at) === Date.parse(turn.sent_at) : each.text === turn.text),
  );
  if (!item) return findAcknowledged(turn.text);
  storage.keepSentAs(turn.message_id, item.external_id);
  outbox.noteStored(item.external_id);
  return setState(item.external_id, "sent");
}

// Acknowledged without an answer to know it by: the service had it already.
function findAcknowledged(text) {
  const bubbles = log.querySelectorAll('.from-youth[data-state="sent"]:not([data-message])');
  return Array.from(bubbles).find((each) => each.querySelector(".text").textContent === text);
}
