// One conversation: what is new comes by itself, a reply is sent by keyboard, and typing is told.
// The reply is an ordinary form: it works without this file.
(() => {
  const TYPING_EVERY_MS = 4_000;
  const stream = document.getElementById("stream");
  const announce = document.getElementById("announce");
  const form = document.getElementById("reply");
  const text = document.getElementById("reply-text");
  const talk = () => document.getElementById("talk");
  const turns = () => document.querySelectorAll("#talk .from-youth").length;

  stream.addEventListener("queue_changed", (event) => {
    const own = talk().dataset.conversation;
    // Without a list of what changed, as after a lost connection, anything may have.
    const changed = event.detail?.data ? JSON.parse(event.detail.data) : [{ conversation_id: own }];
    if (changed.some((each) => each.conversation_id === own)) {
      htmx.trigger(talk(), "conversation_changed");
    }
  });

  let known = turns();
  document.addEventListener("htmx:after:swap", () => {
    if (turns() > known) announce.textContent = announce.dataset.words;
    else announce.textContent = "";
    known = turns();
  });

  let sending = false;
  form.addEventListener("submit", (event) => {
    if (sending) event.preventDefault();
    sending = true;
  });
  // Gone back to: the page is as it was left.
  window.addEventListener("pageshow", () => (sending = false));

  text.addEventListener("keydown", (event) => {
    const composing = event.isComposing || event.keyCode === 229;
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && !composing) {
      event.preventDefault();
      form.requestSubmit();
    }
  });

  let toldAt = -Infinity;
  text.addEventListener("input", () => {
    if (!text.value.trim() || performance.now() - toldAt < TYPING_EVERY_MS) return;
    toldAt = performance.now();
    const headers = { "X-CSRF-Token": form.elements.csrf_token.value };
    // A notice that does not arrive is not worth a word.
    fetch(form.dataset.typing, { method: "POST", headers }).catch(() => {});
  });
})();
