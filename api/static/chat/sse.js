// Server-sent events by fetch; a stream that falls silent is given up.
import { openStream } from "./api.js";

// The service sends a heartbeat at once and then every ten seconds; something between may hold them back.
const FIRST_HEARTBEAT_MS = 8_000;
export const SILENCE_MS = 25_000;
const BETWEEN_EVENTS = /\r?\n\r?\n/;

// Ends when the stream does, by itself, by silence or by the aborter.
export async function followStream(conversation_id, after, aborter, onEvent) {
  let watchdog;
  const expectWithin = (ms) => {
    clearTimeout(watchdog);
    watchdog = setTimeout(() => aborter.abort(), ms);
  };
  expectWithin(FIRST_HEARTBEAT_MS);
  try {
    const response = await openStream(conversation_id, after, aborter.signal);
    await readEvents(response.body, (event) => {
      if (aborter.signal.aborted) return;
      expectWithin(SILENCE_MS);
      onEvent(event);
    });
  } finally {
    clearTimeout(watchdog);
    aborter.abort();
  }
}

// Comments and unknown fields are passed over.
async function readEvents(body, onEvent) {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    rest += decoder.decode(value, { stream: true });
    const blocks = rest.split(BETWEEN_EVENTS);
    rest = blocks.pop();
    blocks.forEach((block) => onEvent(parse(block)));
  }
}

function parse(block) {
  const event = { event: "message", data: "" };
  for (const line of block.split(/\r?\n/)) {
    const colon = line.indexOf(":");
    const name = line.slice(0, colon);
    const value = line.slice(colon + 1).replace(/^ /, "");
    if (name === "event") event.event = value;
    if (name === "data") event.data += event.data ? `\n${value}` : value;
  }
  return event;
}
