// The text field: its draft, its height, and what Enter means.
import { storage } from "./session.js";

const MOST_CHARACTERS = 20_000;
const TYPING_EVERY_MS = 4_000;
const form = document.getElementById("composer");
const text = document.getElementById("text");
const tooLong = document.getElementById("too-long");
let toldAt = -Infinity;

export function setDraft(value) {
  text.value = value;
  storage.keepDraft(value);
  grow();
}

// What comes back to the writer stands before what they wrote meanwhile.
export function putBack(words) {
  setDraft(text.value ? `${words}\n${text.value}` : words);
}

export function focusText() {
  text.focus();
}

function grow() {
  if (CSS.supports("field-sizing", "content")) return;
  text.style.height = "auto";
  text.style.height = `${text.scrollHeight + 2}px`;
}

// onSay(words); onTyping() while words are written, until it says that it told: then not for four seconds
export function listenForWords({ onSay, onTyping }) {
  const submit = () => {
    const words = text.value.trim();
    tooLong.hidden = Array.from(words).length <= MOST_CHARACTERS;
    if (words && tooLong.hidden) {
      setDraft("");
      onSay(words);
    }
    text.focus();
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    submit();
  });
  text.addEventListener("keydown", (event) => {
    const composing = event.isComposing || event.keyCode === 229;
    if (event.key === "Enter" && !event.shiftKey && !composing) {
      event.preventDefault();
      submit();
    }
  });
  text.addEventListener("input", () => {
    storage.keepDraft(text.value);
    grow();
    if (!text.value.trim() || performance.now() - toldAt < TYPING_EVERY_MS) return;
    if (onTyping()) toldAt = performance.now();
  });
}
