// A reply is held back for a moment: who writes on before it is shown gets one answer to all of it.
let timer = null;
let holding = false;

// Counted from the answer's coming, in the service's own times: the phone's clock may be wrong.
export function holdReply({ received_at, reply }, { onDue, onChange }) {
  dropHeld();
  const delay = reply.show_at ? Date.parse(reply.show_at) - Date.parse(received_at) : 0;
  if (!(delay > 0)) return onDue();
  holding = true;
  timer = setTimeout(() => {
    holding = false;
    onDue();
    onChange();
  }, delay);
  return onChange();
}

export function dropHeld() {
  clearTimeout(timer);
  holding = false;
}

export function isHolding() {
  return holding;
}
