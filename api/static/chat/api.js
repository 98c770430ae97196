// Calls to the service. Every failure is one of three: try again, give it back to the writer, or gone.
import { storage } from "./session.js";

const TIMEOUT_MS = 20_000;
const FIRST_YEAR = 2000;
const LAST_YEAR = 2099;
const LOST_SESSION = [401, 403];
const REFUSED = [400, 413, 415, 422];

export class Unreachable extends Error {}
export class Refused extends Error {}
export class AlreadyKnown extends Error {}

async function call(path, { method = "GET", token, body } = {}) {
  const headers = { Accept: "application/json" };
  if (token) headers.Authorization = `Bearer ${token}`;
  if (body) headers["Content-Type"] = "application/json";
  // Not AbortSignal.timeout: older web-views do not know it.
  const aborter = new AbortController();
  const timer = setTimeout(() => aborter.abort(), TIMEOUT_MS);
  let response;
  try {
    response = await fetch(path, {
      method,
      headers,
      body: body && JSON.stringify(body),
      cache: "no-store",
      credentials: "omit",
      signal: aborter.signal,
    });
    if (response.ok) return await response.json();
  } catch (error) {
    throw new Unreachable(error.name);
  } finally {
    clearTimeout(timer);
  }
  throw Object.assign(new Unreachable(`status ${response.status}`), { status: response.status });
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

// What was said before in this tab; null when nothing was.
export async function readConversation() {
  const session = storage.session();
  if (!session?.conversation_id) return null;
  return call(`/v1/conversations/${encodeURIComponent(session.conversation_id)}`, { token: session.token });
}
