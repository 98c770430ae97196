// Calls to the service. Every failure is one of three: try again, give it back to the writer, or gone.
import { noteServiceTime } from "./clock.js";
import { storage } from "./session.js";

const TIMEOUT_MS = 20_000;
const FIRST_YEAR = 2000;
const LAST_YEAR = 2099;
const LOST_SESSION = [401, 403];
const REFUSED = [400, 413, 415, 422];
const NO_CONTENT = 204;

export class Unreachable extends Error {}
export class Refused extends Error {}
export class AlreadyKnown extends Error {}

// The answer, whose body may still be on its way; anything but success is thrown.
async function ask(path, { method = "GET", token, body, accept = "application/json", signal }) {
  const headers = { Accept: accept };
  if (token) headers.Authorization = `Bearer ${token}`;
  if (body) headers["Content-Type"] = "application/json";
  const sent = body && JSON.stringify(body);
  let response;
  try {
    response = await fetch(path, { method, headers, body: sent, cache: "no-store", credentials: "omit", signal });
  } catch (error) {
    throw new Unreachable(error.name);
  }
  noteServiceTime(response.headers.get("Date"));
  if (response.ok) return response;
  throw Object.assign(new Unreachable(`status ${response.status}`), { status: response.status });
}

async function call(path, options = {}) {
  // Not AbortSignal.timeout: older web-views do not know it.
  const aborter = new AbortController();
  const timer = setTimeout(() => aborter.abort(), TIMEOUT_MS);
  try {
    const response = await ask(path, { ...options, signal: aborter.signal });
    return response.status === NO_CONTENT ? null : await response.json();
  } catch (error) {
    throw error instanceof Unreachable ? error : new Unreachable(error.name);
  } finally {
    clearTimeout(timer);
  }
}

async function openSession() {
  const session = await call("/v1/sessions", { method: "POST" });
  storage.keepSession(session);
  return session;
}

async function withSession(work) {
  const session = storage.session() ?? (await openSession());
  try {
    return await work(session);
  } catch (error) {
    if (!LOST_SESSION.includes(error.status)) throw error;
    return work(await openSession());
  }
}

// A phone whose clock stands in another century must still get its message through.
function isPlausible(moment) {
  const year = new Date(moment).getUTCFullYear();
  return year > FIRST_YEAR && year < LAST_YEAR;
}

// The same external_id and body each time, so that a repeated call is stored once.
export async function sendMessage({ external_id, text, sent_at }) {
  const body = isPlausible(sent_at) ? { external_id, text, sent_at } : { external_id, text };
  try {
    const answer = await withSession((session) =>
      call("/v1/messages", { method: "POST", token: session.token, body }),
    );
    storage.keepSession({ ...storage.session(), conversation_id: answer.conversation_id });
    return answer;
  } catch (error) {
    if (error.status === 409) throw new AlreadyKnown();
    if (REFUSED.includes(error.status)) throw new Refused();
    throw error;
  }
}

export function recallMessage(external_id) {
  const token = storage.session()?.token;
  return call("/v1/messages/recall", { method: "POST", token, body: { external_id } });
}

function addressOf(conversation_id, what) {
  return `/v1/conversations/${encodeURIComponent(conversation_id)}/${what}`;
}

export function tellTyping(conversation_id) {
  return call(addressOf(conversation_id, "typing"), { method: "POST", token: storage.session()?.token });
}

export function readUpdates(conversation_id, after) {
  return call(addressOf(conversation_id, `updates?after=${after}`), { token: storage.session()?.token });
}

// Not EventSource: it cannot send the token but in the address, where logs would keep it.
export function openStream(conversation_id, after, signal) {
  const options = { token: storage.session()?.token, accept: "text/event-stream", signal };
  return ask(addressOf(conversation_id, `stream?after=${after}`), options);
}
