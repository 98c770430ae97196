// Time as the service tells it: a phone's own clock may stand in another century.
let offsetMs = 0;

export function noteServiceTime(moment) {
  const at = Date.parse(moment ?? "");
  if (!Number.isNaN(at)) offsetMs = at - Date.now();
}

export function serviceNow() {
  return new Date(Date.now() + offsetMs);
}

export function clockTime(moment) {
  return moment.toLocaleTimeString("zh-CN", { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
}

// "08:15" today, else in the words given for tomorrow and for another day.
export function dayTime(moment, { tomorrow, anotherDay }) {
  const clock = clockTime(moment);
  const days = Math.round((startOfDay(moment) - startOfDay(serviceNow())) / 86_400_000);
  if (days === 0) return clock;
  const words = days === 1 ? tomorrow : anotherDay;
  return words
    .replace("{month}", moment.getMonth() + 1)
    .replace("{day}", moment.getDate())
    .replace("{clock}", clock);
}

function startOfDay(moment) {
  return new Date(moment.getFullYear(), moment.getMonth(), moment.getDate());
}
