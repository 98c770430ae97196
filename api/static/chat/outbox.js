// What was written and is not yet known to be stored. Items leave in order, one at a time, and stay in
// storage until the service has acknowledged them.
import { AlreadyKnown, Refused, sendMessage } from "./api.js";
import { newExternalId, storage } from "./session.js";

const FIRST_DELAY_MS = 1_000;
const LONGEST_DELAY_MS = 30_000;

export class Outbox {
  _items = storage.outbox();
  _busy = false;
  _attempts = 0;
  _timer = null;
  _sending = null;
  _stored = new Set();

  // onState(item, state), onAnswer(item, answer); states: waiting, sending, sent, failed, refused
  constructor({ onState, onAnswer }) {
    this.onState = onState;
    this.onAnswer = onAnswer;
  }

  get items() {
    return [...this._items];
  }

  add(text) {
    const item = { external_id: newExternalId(), text, sent_at: new Date().toISOString() };
    this._items.push(item);
    storage.keepOutbox(this._items);
    return item;
  }

  // The service has it, though its answer was lost or is still on its way.
  noteStored(external_id) {
    this._stored.add(external_id);
    if (this._sending === external_id) return;
    const item = this._items.find((each) => each.external_id === external_id);
    if (item) this._settle(item, "sent");
  }

  _drop(external_id) {
    this._items = this._items.filter((item) => item.external_id !== external_id);
    storage.keepOutbox(this._items);
  }

  async pump() {
    clearTimeout(this._timer);
    if (this._busy) return;
    this._busy = true;
    try {
      while (this._items.length && (await this._deliver(this._items[0])));
    } finally {
      this._busy = false;
    }
  }

  // Whether the next item may go.
  async _deliver(item) {
    this._sending = item.external_id;
    this.onState(item, "sending");
    try {
      const answer = await sendMessage(item);
      this._settle(item, "sent");
      this.onAnswer(item, answer);
    } catch (error) {
      if (error instanceof AlreadyKnown) this._settle(item, "sent");
      else if (error instanceof Refused) this._settle(item, "refused");
      else if (this._stored.has(item.external_id)) this._settle(item, "sent");
      else return this._retryLater(item);
    } finally {
      this._sending = null;
    }
    return true;
  }

  _settle(item, state) {
    this._attempts = 0;
    this._drop(item.external_id);
    this.onState(item, state);
  }

  _retryLater(item) {
    const delay = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** this._attempts);
    this._attempts += 1;
    this.onState(item, "failed");
    this._timer = setTimeout(() => this.pump(), delay);
    return false;
  }
}
