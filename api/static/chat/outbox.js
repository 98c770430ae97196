// What was written and is not yet known to be stored. Items leave in order, one at a time, and stay in
// storage until the service has acknowledged them.
import { AlreadyKnown, Refused, sendMessage } from "./api.js";
import { newExternalId, storage } from "./session.js";

const FIRST_DELAY_MS = 1_000;
const LONGEST_DELAY_MS = 30_000;

export class Outbox {
  #items = storage.outbox();
  #busy = false;
  #attempts = 0;
  #timer = null;

  // onState(item, state), onAnswer(item, answer); states: waiting, sending, sent, failed, refused
  constructor({ onState, onAnswer }) {
    this.onState = onState;
    this.onAnswer = onAnswer;
  }

  get items() {
    return [...this.#items];
  }

  add(text) {
    const item = { external_id: newExternalId(), text, sent_at: new Date().toISOString() };
    this.#items.push(item);
    storage.keepOutbox(this.#items);
    return item;
  }

  drop(external_id) {
    this.#items = this.#items.filter((item) => item.external_id !== external_id);
    storage.keepOutbox(this.#items);
  }

  async pump() {
    clearTimeout(this.#timer);
    if (this.#busy) return;
    this.#busy = true;
    try {
      while (this.#items.length && (await this.#deliver(this.#items[0])));
    } finally {
      this.#busy = false;
    }
  }

  // Whether the next item may go.
  async #deliver(item) {
    this.onState(item, "sending");
    try {
      const answer = await sendMessage(item);
      this.#settle(item, "sent");
      this.onAnswer(item, answer);
    } catch (error) {
      if (error instanceof AlreadyKnown) this.#settle(item, "sent");
      else if (error instanceof Refused) this.#settle(item, "refused");
      else return this.#retryLater(item);
    }
    return true;
  }

  #settle(item, state) {
    this.#attempts = 0;
    this.drop(item.external_id);
    this.onState(item, state);
  }

  #retryLater(item) {
    const delay = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** this.#attempts);
    this.#attempts += 1;
    this.onState(item, "failed");
    this.#timer = setTimeout(() => this.pump(), delay);
    return false;
  }
}
