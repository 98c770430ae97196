// The bubbles on the page. Text only ever goes in as text nodes; the service's positions order them.
import { clockTime } from "./clock.js";

const LONG_CHARACTERS = 1_200;
const NEAR_END_PX = 48;
const log = document.getElementById("log");
const talk = document.getElementById("talk");
const newer = document.getElementById("newer");
const callable = new Set(log.dataset.numbers.split(" "));

export function setTime(bubble, at) {
  const time = bubble.querySelector("time");
  if (!time) return;
  time.dateTime = at.toISOString();
  time.textContent = clockTime(at);
}

// A hotline's number in an answer becomes a link that dials it.
function withCalls(text) {
  return text.split(/(\d+)/).map((part) => {
    if (!callable.has(part)) return document.createTextNode(part);
    const link = document.createElement("a");
    link.href = `tel:${part}`;
    link.textContent = part;
    return link;
  });
}

export function cloneTemplate(id) {
  return document.getElementById(id).content.firstElementChild.cloneNode(true);
}

function makeBubble(template, text, at) {
  const bubble = cloneTemplate(template);
  const paragraph = bubble.querySelector(".text");
  if (bubble.classList.contains("from-youth")) paragraph.textContent = text;
  else paragraph.append(...withCalls(text));
  if (text.length > LONG_CHARACTERS) {
    paragraph.classList.add("long");
    paragraph.tabIndex = 0;
  }
  setTime(bubble, at);
  return bubble;
}

export function showOwn({ external_id, text, sent_at, state = "waiting", position }) {
  const bubble = makeBubble("own-bubble", text, new Date(sent_at));
  bubble.dataset.state = state;
  if (external_id) bubble.dataset.id = external_id;
  if (position) place([bubble], position);
  else log.append(bubble);
  toEnd();
  return bubble;
}

// The assistant's words: a bubble for each line, of which only the first says whose they are. A
// counsellor's: one bubble. Without a position they stand behind ``after``, the message they answer.
export function showAnswer({ role, text, at, position, after }) {
  const byPerson = role === "counsellor";
  const lines = byPerson ? [text] : text.split("\n");
  const bubbles = lines.map((line, index) => {
    const bubble = makeBubble(byPerson ? "counsellor-bubble" : "assistant-bubble", line, at);
    if (index > 0) bubble.querySelector(".who").remove();
    return bubble;
  });
  const seen = keepEnd(() => (position ? place(bubbles, position) : after.after(...bubbles)));
  newer.hidden = seen;
  return bubbles;
}

export function place(bubbles, position) {
  bubbles.forEach((bubble) => (bubble.dataset.position = position));
  // Before whatever came later, and before what is not stored yet.
  const next = Array.from(log.children).find(
    (each) =>
      !bubbles.includes(each) &&
      (each.dataset.position ? Number(each.dataset.position) > position : isUnsent(each)),
  );
  // Moving a bubble would have it read out again and take the focus out of it.
  if (bubbles.some((each) => !each.isConnected || isAfter(each, next))) {
    bubbles.forEach((bubble) => log.insertBefore(bubble, next ?? null));
  }
}

function isAfter(bubble, next) {
  return Boolean(next && next.compareDocumentPosition(bubble) & Node.DOCUMENT_POSITION_FOLLOWING);
}

function isUnsent(bubble) {
  return bubble.classList.contains("from-youth") && !bubble.dataset.message;
}

export function findBubble(key, value) {
  return log.querySelector(`[data-${key}="${CSS.escape(value)}"]`);
}

export function setState(external_id, state) {
  const bubble = findBubble("id", external_id);
  if (bubble) bubble.dataset.state = state;
  return bubble;
}

function isAtEnd() {
  return talk.scrollHeight - talk.scrollTop - talk.clientHeight < NEAR_END_PX;
}

// Who reads further up is not pulled away; tells whether the end is in view.
export function keepEnd(change) {
  const wasAtEnd = isAtEnd();
  change();
  if (wasAtEnd) toEnd();
  return wasAtEnd;
}

export function toEnd() {
  talk.scrollTop = talk.scrollHeight;
  newer.hidden = true;
}

// The room for the talk changes with the keyboard and with the lines below it; who stood at the end stays there.
// Not before: a fresh page begins with who is speaking.
let atEnd = false;
talk.addEventListener("scroll", () => {
  atEnd = isAtEnd();
  if (atEnd) newer.hidden = true;
});
newer.addEventListener("click", toEnd);
if ("ResizeObserver" in window) new ResizeObserver(() => atEnd && toEnd()).observe(talk);
