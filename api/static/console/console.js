// The console's live parts: waits that tick, the state of the stream, the title, the announcement.
// The queues themselves always come whole from the server; nothing is worked out here that it knows.
(() => {
  const TICK_MS = 1_000;
  const SILENCE_MS = 25_000;
  const GRACE_MS = 2_500;
  const RETRY_MS = 2_000;
  const stream = document.getElementById("stream");
  const announce = document.getElementById("announce");
  let clockOffset = 0;

  const now = () => Date.now() + clockOffset;

  // The same words as api/console/times.py.
  function nameWait(milliseconds) {
    const whole = Math.max(0, Math.floor(milliseconds / 1000));
    const two = (number) => String(number).padStart(2, "0");
    if (whole < 60) return `${whole}秒`;
    if (whole < 3600) return `${Math.floor(whole / 60)}分${two(whole % 60)}秒`;
    if (whole < 86400) return `${Math.floor(whole / 3600)}小时${two(Math.floor((whole % 3600) / 60))}分`;
    return `${Math.floor(whole / 86400)}天`;
  }

  function tick() {
    for (const time of document.querySelectorAll("[data-wait-since]")) {
      time.textContent = nameWait(now() - Date.parse(time.dataset.waitSince));
    }
    for (const promise of document.querySelectorAll("[data-promise]")) {
      const left = Date.parse(promise.dataset.promise) - now();
      promise.querySelector(".left").textContent = left < 0 ? `已超时 ${nameWait(-left)}` : `还剩 ${nameWait(left)}`;
      promise.closest(".entry, .facts")?.classList.toggle("overdue", left < 0);
    }
  }

  setInterval(tick, TICK_MS);
  const queues = () => document.getElementById("queues");
  const served = document.querySelector("[data-now]");
  if (served) clockOffset = Date.parse(served.dataset.now) - Date.now();
  tick();
  if (!stream) return;

  // ---- the stream: said to be lost when it is broken, or silent for two heartbeats ----
  let connection = null;
  let lastSign = Date.now();
  let brokenSince = null;

  function showStream(state) {
    if (document.body.dataset.stream === state) return;
    document.body.dataset.stream = state;
    if (state === "lost") {
      const moment = new Date(lastSign);
      document.getElementById("as-of").textContent = moment.toLocaleTimeString("zh-CN", { hourCycle: "h23" });
    }
  }

  function live() {
    lastSign = Date.now();
    brokenSince = null;
    const wasLost = document.body.dataset.stream === "lost";
    showStream("live");
    // What was told while the page could fetch nothing is fetched now, not at the next change.
    if (wasLost) htmx.trigger(stream, "queue_changed");
  }

  function broken() {
    brokenSince ??= Date.now();
  }

  stream.addEventListener("htmx:sse:after:connection", (event) => {
    connection = event.detail.connection;
  });
  stream.addEventListener("heartbeat", (event) => {
    clockOffset = Date.parse(event.detail.data) - Date.now();
    live();
  });
  stream.addEventListener("queue_changed", live);
  stream.addEventListener("htmx:sse:error", (event) => {
    if ([401, 403].includes(event.detail.status)) location.reload();
    broken();
  });
  stream.addEventListener("htmx:sse:before:connection", broken);
  stream.addEventListener("htmx:sse:close", () => {
    connection = null;
    broken();
  });
  window.addEventListener("offline", () => showStream("lost"));

  setInterval(() => {
    const silent = Date.now() - lastSign > SILENCE_MS;
    if (silent || (brokenSince && Date.now() - brokenSince > GRACE_MS)) showStream("lost");
    if (silent) connection?.reader?.cancel();
    // The extension gives up when the very first call fails; a console must not.
    if (!connection && (brokenSince || silent)) htmx.trigger(stream, "reconnect");
  }, RETRY_MS);
  stream.addEventListener("htmx:error", broken);
  stream.addEventListener("htmx:response:error", broken);

  // ---- after each new list: title and announcement ----
  const urgentIds = () => Array.from(document.querySelectorAll("#queue-high_risk .entry"), (entry) => entry.id);
  let known = new Set(urgentIds());

  document.addEventListener("htmx:after:swap", () => {
    tick();
    if (!queues()) return;
    document.title = queues().dataset.title;
    const ids = urgentIds();
    if (ids.some((id) => !known.has(id))) {
      announce.textContent = announce.dataset.words.replace("{count}", queues().dataset.urgent);
    }
    known = new Set(ids);
  });
})();
