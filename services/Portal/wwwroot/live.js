// Follows a fact from accepted to its last state, says why it takes long, and copies digests and links.
const steps = document.querySelector("[data-live]");
const status = document.getElementById("live-status");
const order = ["accepted", "logged", "anchored", "witnessed"];
const chinese = document.documentElement.lang.startsWith("zh");
const tags = chinese
  ? { accepted: "已受理", logged: "已入日志", anchored: "已锚定", witnessed: "已见证" }
  : { accepted: "accepted", logged: "in the log", anchored: "anchored", witnessed: "witnessed" };
const number = (n) => n.toLocaleString("en");
const reasonEvery = 8000;

/** Seconds or a text of the wire, as Beijing time. */
function time(at) {
  const date = new Date(typeof at === "number" ? at * 1000 : at);
  const beijing = new Date(date.getTime() + 8 * 3600_000).toISOString().slice(0, 19).replace("T", " ");
  return chinese ? `${beijing}（北京时间）` : `${beijing} (Beijing time)`;
}

function show(state) {
  steps.dataset.state = state.state;
  for (const step of steps.children) {
    const name = step.dataset.step;
    const done = order.indexOf(name) <= order.indexOf(state.state);
    if (name === "witnessed" && (done || state.next === name)) step.hidden = false;
    step.dataset.state = done ? "done" : "todo";
    step.querySelector(".dot").textContent = done ? "●" : "○";
    step.querySelector(".hidden-text").textContent = done ? (chinese ? "已完成" : "done") : (chinese ? "未到" : "to come");
    step.removeAttribute("aria-current");
    if (name === state.state && name !== "anchored") step.setAttribute("aria-current", "step");
    const when = step.querySelector(".when");
    if (name === "logged" && state.index != null) when.textContent = chinese ? `第${number(state.index)}条` : `no. ${number(state.index)}`;
    if (name === "anchored" && state.block != null) {
      const block = chinese ? `区块${number(state.block)}` : `block ${number(state.block)}`;
      when.textContent = state.at == null ? block : `${time(state.at)} ${block}`;
    }
  }
  const anchored = order.indexOf(state.state) >= 2;
  const tag = document.querySelector("h1 + p .tag");
  tag.classList.toggle("ok", anchored);
  tag.textContent = `${anchored ? "✓" : "…"} ${tags[state.state]}`;
  if (anchored) {
    status.textContent = chinese ? "已锚定：任何人可核验。" : "Anchored: anyone can verify it.";
    explain(null);
  }
  return anchored && !state.next;
}

/** Shows why it takes long, or nothing. Unchanged words are left alone, so that they are announced once. */
function explain(reason) {
  const box = document.getElementById("delay");
  const [title, words] = box.children;
  if (reason && title.textContent !== reason.title) {
    title.textContent = reason.title;
    words.textContent = reason.words;
  }
  box.hidden = !reason;
}

async function ask() {
  const { group, since, state } = steps.dataset;
  try {
    const answer = await fetch(`/status/${group}/delay?${new URLSearchParams({ state, since })}`);
    if (order.indexOf(steps.dataset.state) < 2) explain(answer.status === 200 ? await answer.json() : null);
  } catch {
    // This server itself is away; the event stream says so.
  }
}

if (steps && steps.dataset.final === "false") {
  const source = new EventSource(steps.dataset.live);
  const reasons = setInterval(ask, reasonEvery);
  source.addEventListener("state", ({ data }) => {
    // A stream begins with what is certain; a page that knows more keeps it.
    const state = JSON.parse(data);
    if (order.indexOf(state.state) < order.indexOf(steps.dataset.state) || !show(state)) return;
    source.close();
    clearInterval(reasons);
  });
  source.addEventListener("error", () => {
    if (source.readyState === EventSource.CLOSED) status.textContent = chinese ? "连接中断，请刷新页面查看最新状态。" : "The connection was lost; reload the page for the latest state.";
  });
}

for (const button of document.querySelectorAll("[data-copy]")) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(button.dataset.copy);
    button.textContent = button.dataset.copied;
  });
}
