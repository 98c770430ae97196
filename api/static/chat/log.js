// The transcript on the page. Text only ever goes in as text nodes.
const LONG_CHARACTERS = 1_200;
const NEAR_END_PX = 48;
const log = document.getElementById("log");
const talk = document.getElementById("talk");
const callable = new Set(log.dataset.numbers.split(" "));

function clockTime(moment) {
  return moment.toLocaleTimeString("zh-CN", { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
}

function fill(bubble, { text, at, id }) {
  const paragraph = bubble.querySelector(".text");
  if (bubble.classList.contains("from-youth")) paragraph.textContent = text;
  else paragraph.append(...withCalls(text));
  if (text.length > LONG_CHARACTERS) {
    paragraph.classList.add("long");
    paragraph.tabIndex = 0;
  }
  const time = bubble.querySelector("time");
  time.dateTime = at.toISOString();
  time.textContent = clockTime(at);
  if (id) bubble.dataset.id = id;
  log.append(bubble);
  return bubble;
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

function clone(template) {
  return document.getElementById(template).content.firstElementChild.cloneNode(true);
}

export function showOwn({ external_id, text, sent_at, state = "waiting" }) {
  const bubble = fill(clone("own-bubble"), { text, at: new Date(sent_at), id: external_id });
  bubble.dataset.state = state;
  toEnd();
  return bubble;
}

export function setState(external_id, state) {
  const bubble = log.querySelector(`[data-id="${CSS.escape(external_id)}"]`);
  if (bubble) bubble.dataset.state = state;
}

// One bubble per line of the answer; only the first says whose it is.
export function showAnswer({ text, at, role = "assistant" }) {
  const template = role === "counsellor" ? "counsellor-bubble" : "assistant-bubble";
  text.split("\n").forEach((line, index) => {
    const bubble = fill(clone(template), { text: line, at });
    if (index > 0) bubble.querySelector(".who").remove();
  });
  toEnd();
}

export function isShown(external_id) {
  return log.querySelector(`[data-id="${CSS.escape(external_id)}"]`) !== null;
}

export function toEnd() {
  talk.scrollTop = talk.scrollHeight;
}

// The room for the talk changes with the keyboard and with the lines below it; who stood at the end stays there.
let atEnd = false;
talk.addEventListener("scroll", () => {
  atEnd = talk.scrollHeight - talk.scrollTop - talk.clientHeight < NEAR_END_PX;
});
new ResizeObserver(() => atEnd && toEnd()).observe(talk);

export { clockTime };
