// Follows a conversation: first catches up, then holds a stream; where none can be held, asks every few seconds.
// The cursor never passes a turn that was not told, so that sleep, cuts and restarts lose nothing.
import { readUpdates } from "./api.js";
import { noteServiceTime } from "./clock.js";
import { followStream, SILENCE_MS } from "./sse.js";

const ASK_EVERY_MS = 3_000;
const FIRST_DELAY_MS = 1_000;
const LONGEST_DELAY_MS = 15_000;
const CUT_AFTER_FAILURES = 2;
// A stream that ended sooner was not worth opening: rest from streams for a while.
const GOOD_STREAM_MS = 5_000;
const FIRST_REST_MS = 15_000;
const LONGEST_REST_MS = 300_000;
const NOT_OURS = [401, 403, 404];

// No private methods here and in the outbox: web-views before Chrome 84 and iOS 15 would not read the file.
export class Follower {
  _conversation_id = null;
  _restMs = 0;
  _streamAgainAt = 0;
  _aborter = null;
  _wakeUp = () => {};
  _heardAt = 0;

  // onUpdates(view): turns and how things stand; onReach(reached): whether the service can be reached
  constructor({ onUpdates, onReach }) {
    this.onUpdates = onUpdates;
    this.onReach = onReach;
  }

  follow(conversation_id) {
    if (conversation_id !== this._conversation_id) {
      this._conversation_id = conversation_id;
      this._aborter?.abort();
      this._run(conversation_id);
    }
    this.wake();
  }

  // Something may have changed, or the network may be back: do not sit a delay out. Timers stand still while
  // a phone sleeps, so a stream may have been dead for long without anyone having noticed.
  wake() {
    if (Date.now() - this._heardAt > SILENCE_MS) this.cut();
    this._wakeUp();
  }

  // The network is gone, or may be.
  cut() {
    this._aborter?.abort();
  }

  async _run(conversation_id) {
    let cursor = 0;
    let failures = 0;
    while (this._conversation_id === conversation_id) {
      try {
        cursor = await this._catchUp(conversation_id, cursor);
        failures = 0;
        if (this._mayStream()) cursor = await this._stream(conversation_id, cursor);
        else await this._wait(ASK_EVERY_MS);
      } catch (error) {
        if (NOT_OURS.includes(error.status)) break;
        failures += 1;
        if (failures >= CUT_AFTER_FAILURES) this.onReach(false);
        const delay = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** (failures - 1));
        // Not all pages at the same moment.
        await this._wait(delay * (0.75 + Math.random() / 2));
      }
    }
    if (this._conversation_id !== conversation_id) return;
    // What is sent next opens a new session, and with it another conversation to follow.
    this._conversation_id = null;
    this.onReach(true);
  }

  async _catchUp(conversation_id, after) {
    let cursor = after;
    for (;;) {
      const view = await readUpdates(conversation_id, cursor);
      if (this._conversation_id !== conversation_id) return cursor;
      this.onReach(true);
      this._tell(view);
      const isLast = view.turns.length === 0 || view.cursor <= cursor;
      cursor = view.cursor;
      if (isLast) return cursor;
    }
  }

  // One turn that cannot be shown must not keep all later ones away.
  _tell(view) {
    try {
      this.onUpdates(view);
    } catch (error) {
      setTimeout(() => {
        throw error;
      });
    }
  }

  _mayStream() {
    return "ReadableStream" in window && "TextDecoder" in window && performance.now() >= this._streamAgainAt;
  }

  async _stream(conversation_id, after) {
    let cursor = after;
    const began = performance.now();
    this._aborter = new AbortController();
    this._heardAt = Date.now();
    try {
      await followStream(conversation_id, after, this._aborter, ({ event, data }) => {
        this._heardAt = Date.now();
        if (event === "heartbeat") noteServiceTime(data);
        if (event !== "update") return;
        const view = JSON.parse(data);
        cursor = view.cursor;
        this._tell(view);
      });
    } catch (error) {
      if (NOT_OURS.includes(error.status)) throw error;
    }
    this._rest(performance.now() - began);
    return cursor;
  }

  _rest(livedMs) {
    const wasGood = livedMs >= GOOD_STREAM_MS;
    this._restMs = wasGood ? 0 : Math.min(LONGEST_REST_MS, this._restMs * 2 || FIRST_REST_MS);
    this._streamAgainAt = performance.now() + this._restMs;
  }

  _wait(ms) {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this._wakeUp = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
