// 大字, kept for the life of the tab; and in a mini-program's web-view the frame shows the name already.
import { storage } from "./session.js";

const root = document.documentElement;
const button = document.getElementById("text-size");

function setLarge(large) {
  root.classList.toggle("large", large);
  button.setAttribute("aria-pressed", String(large));
  storage.keepLarge(large);
}

button.addEventListener("click", () => setLarge(!storage.large()));
root.classList.toggle("embed", new URLSearchParams(location.search).has("embed"));
setLarge(storage.large());
