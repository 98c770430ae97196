// The anonymous session and everything else that must outlive a reload of this tab.
// sessionStorage on purpose: it dies with the tab, so that a shared phone keeps nothing.
const SESSION = "qingting.session";
const OUTBOX = "qingting.outbox";
const DRAFT = "qingting.draft";
const SENT = "qingting.sent";
const LARGE = "qingting.large";

function read(key) {
  try {
    return JSON.parse(sessionStorage.getItem(key));
  } catch {
    return null;
  }
}

// An answer that comes after the page was left must bring nothing back.
let isLeft = false;

function write(key, value) {
  if (isLeft) return;
  try {
    sessionStorage.setItem(key, JSON.stringify(value));
  } catch {
    // Storage is full or forbidden: the page still works, only a reload forgets.
  }
}

export const storage = {
  // Whether it has expired is for the service to say: this phone's clock may be wrong.
  session: () => read(SESSION),
  keepSession: (session) => write(SESSION, session),
  outbox: () => read(OUTBOX) ?? [],
  keepOutbox: (items) => write(OUTBOX, items),
  // Under which own id a message was sent: that is what takes it back.
  sentAs: (message_id) => (read(SENT) ?? {})[message_id],
  keepSentAs: (message_id, external_id) => write(SENT, { ...read(SENT), [message_id]: external_id }),
  draft: () => read(DRAFT) ?? "",
  keepDraft: (text) => write(DRAFT, text),
  large: () => read(LARGE) === true,
  keepLarge: (large) => write(LARGE, large),
  forgetAll: () => {
    isLeft = true;
    try {
      sessionStorage.clear();
    } catch {
      // Nothing was stored, then.
    }
  },
};

// crypto.randomUUID exists on https only; a helpline's own network may serve plain http.
export function newExternalId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
