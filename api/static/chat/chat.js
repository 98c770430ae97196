// The chat page: read this first. Composer -> outbox -> service -> transcript.
import { readConversation } from "./api.js";
import "./leave.js";
import { isShown, setState, showAnswer, showOwn, toEnd } from "./log.js";
import { Outbox } from "./outbox.js";
import { storage } from "./session.js";
import { showOffline, showWait } from "./wait.js";

const MOST_CHARACTERS = 20_000;
const byId = (id) => document.getElementById(id);
const [text, choices, reading] = ["text", "choices", "reading"].map(byId);

const outbox = new Outbox({
  onState(item, state) {
    setState(item.external_id, state);
    reading.hidden = state !== "sending";
    if (state === "failed") showOffline(true);
    if (state === "sent" || state === "refused") showOffline(false);
    if (state === "refused") setDraft(text.value ? `${item.text}\n${text.value}` : item.text);
    toEnd();
  },
  onAnswer(_item, answer) {
    showAnswer({ text: answer.reply.text, at: new Date() });
    showChoices(answer.reply.quick_replies);
    showWait(answer.queue);
  },
});

function setDraft(value) {
  text.value = value;
  storage.keepDraft(value);
  grow();
}

function grow() {
  if (CSS.supports("field-sizing", "content")) return;
  text.style.height = "auto";
  text.style.height = `${text.scrollHeight + 2}px`;
}

function showChoices(words) {
  choices.replaceChildren(
    ...words.map((word) => {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = word;
      return button;
    }),
  );
  toEnd();
}

// Half a character, as some keyboards leave behind, can be stored by no database.
function mend(words) {
  return Array.from(words, (each) => (/^[\ud800-\udfff]$/.test(each) ? "\ufffd" : each)).join("");
}

function say(words) {
  choices.replaceChildren();
  showOwn(outbox.add(mend(words)));
  outbox.pump();
}

byId("composer").addEventListener("submit", (event) => {
  event.preventDefault();
  const words = text.value.trim();
  const tooLong = Array.from(words).length > MOST_CHARACTERS;
  byId("too-long").hidden = !tooLong;
  if (words && !tooLong) {
    setDraft("");
    say(words);
  }
  text.focus();
});

text.addEventListener("input", () => {
  storage.keepDraft(text.value);
  grow();
});
text.addEventListener("keydown", (event) => {
  const typing = event.isComposing || event.keyCode === 229;
  if (event.key === "Enter" && !event.shiftKey && !typing) {
    event.preventDefault();
    byId("composer").requestSubmit();
  }
});

choices.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  say(button.textContent);
  // Pressed by keyboard: the focus must not be lost with the button. A tap must not raise the keyboard.
  if (event.detail === 0) text.focus();
});
byId("human").addEventListener("click", () => say(byId("human").dataset.message));
byId("log").addEventListener("click", (event) => {
  if (event.target.closest(".retry")) outbox.pump();
});

window.addEventListener("offline", () => showOffline(true));
window.addEventListener("online", () => {
  showOffline(false);
  outbox.pump();
});

function setLarge(large) {
  document.documentElement.classList.toggle("large", large);
  byId("text-size").setAttribute("aria-pressed", String(large));
  storage.keepLarge(large);
}
byId("text-size").addEventListener("click", () => setLarge(!storage.large()));

async function restore() {
  setLarge(storage.large());
  setDraft(storage.draft());
  showOffline(!navigator.onLine);
  try {
    for (const turn of (await readConversation())?.turns ?? []) {
      const at = new Date(turn.received_at);
      if (turn.role === "youth") {
        // Stored although its answer was lost: known by its time of writing, it need not go again.
        const known = outbox.items.find((item) => Date.parse(item.sent_at) === Date.parse(turn.sent_at));
        if (known) outbox.drop(known.external_id);
        showOwn({ text: turn.text, sent_at: at, state: "sent" });
      } else {
        showAnswer({ text: turn.text, at, role: turn.role });
      }
      choices.replaceChildren();
    }
  } catch {
    // What was said is safe with the service; not seeing it again must not stop anyone from writing.
  }
  outbox.items.filter((item) => !isShown(item.external_id)).forEach((item) => showOwn(item));
  outbox.pump();
}

restore();
