// 撤回: an own message is taken back; 重新编辑 puts its words into the composer, for as long as the page stands.
import { recallMessage } from "./api.js";
import { cloneTemplate } from "./log.js";

const log = document.getElementById("log");
// Kept off the page and out of storage: what was taken back must not be found on a shared phone.
const words = new WeakMap();

export function showRecalled(bubble) {
  if (bubble.classList.contains("recalled")) return;
  const hadFocus = bubble.contains(document.activeElement);
  const text = bubble.querySelector(".text").textContent;
  bubble.className = "recalled";
  delete bubble.dataset.state;
  bubble.replaceChildren(cloneTemplate("recalled-line"));
  const edit = bubble.querySelector(".edit");
  if (text) words.set(bubble, text);
  else edit.remove();
  if (hadFocus && text) edit.focus();
}

async function takeBack(bubble) {
  if (bubble.dataset.recall === "asked") return;
  bubble.dataset.recall = "asked";
  try {
    await recallMessage(bubble.dataset.id);
    showRecalled(bubble);
  } catch {
    bubble.dataset.recall = "failed";
  }
}

export function listenForRecall({ onEdit }) {
  log.addEventListener("click", (event) => {
    const bubble = event.target.closest("article");
    if (!bubble) return;
    if (event.target.closest(".recall")) {
      takeBack(bubble);
    } else if (event.target.closest(".edit")) {
      event.target.closest(".edit").remove();
      onEdit(words.get(bubble));
      words.delete(bubble);
    } else if (bubble.classList.contains("from-youth")) {
      bubble.classList.toggle("open");
    }
  });
}
