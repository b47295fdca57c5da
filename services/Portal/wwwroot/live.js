// Follows a deposit from accepted to anchored, and copies digests.
const steps = document.querySelector("[data-live]");
const status = document.getElementById("live-status");
const order = ["accepted", "logged", "anchored", "witnessed"];
const chinese = document.documentElement.lang.startsWith("zh");

function show(state) {
  for (const step of steps.children) {
    const done = order.indexOf(step.dataset.step) <= order.indexOf(state.state);
    step.dataset.state = done ? "done" : "todo";
    step.querySelector(".dot").textContent = done ? "●" : "○";
    if (step.dataset.step === state.state) step.setAttribute("aria-current", "step");
    else step.removeAttribute("aria-current");
    const when = step.querySelector(".when");
    if (step.dataset.step === "logged" && state.index != null) when.textContent = chinese ? `第${state.index.toLocaleString("en")}条` : `no. ${state.index.toLocaleString("en")}`;
    if (step.dataset.step === "anchored" && state.block != null) when.textContent = chinese ? `区块${state.block.toLocaleString("en")}` : `block ${state.block.toLocaleString("en")}`;
  }
  const anchored = order.indexOf(state.state) >= 2;
  if (anchored) status.textContent = chinese ? "已锚定：任何人可核验。" : "Anchored: anyone can verify it.";
  return anchored;
}

if (steps && !steps.querySelector("[data-step=anchored][data-state=done]")) {
  const source = new EventSource(steps.dataset.live);
  source.addEventListener("state", ({ data }) => show(JSON.parse(data)) && source.close());
}

for (const button of document.querySelectorAll("[data-copy]")) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(button.dataset.copy);
    button.textContent = button.dataset.copied;
  });
}
