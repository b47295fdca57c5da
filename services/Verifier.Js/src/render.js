// The result of a verification as a page shows it: headline, four answers with word and icon, what it does not prove.
import { fill, formatTime, words } from "./words.js";

const ICONS = { proven: "✓", refuted: "✗", "not-checked": "○" };
const KINDS = { proven: "ok", refuted: "bad", incomplete: "", unreadable: "bad" };

function element(tag, { text, ...attributes } = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  if (text !== undefined) node.textContent = text;
  node.append(...children);
  return node;
}

/** @param result of verify @param {"zh" | "en"} language @returns {DocumentFragment} */
export function render(result, language) {
  const w = words[language];
  const fragment = document.createDocumentFragment();
  const headline = element("section", { class: `notice ${KINDS[result.verdict]}`, "data-verdict": result.verdict }, element("h2", { text: w.verdict[result.verdict] }));
  fragment.append(headline);
  if (result.verdict === "unreadable") {
    headline.append(element("p", { text: w.unreadable[result.unreadable] }));
    return fragment;
  }

  const list = element("ol", { class: "answers" });
  for (const name of ["content", "log", "chain", "time"]) {
    const answer = result.answers[name];
    const title = name === "time" && answer.at !== undefined ? fill(w.at, { time: formatTime(answer.at, language) }) : w[name].title;
    const names = typeof result.event?.data?.content?.sha256 === "string";
    const sentence = name === "content" && !names ? w.content.event : w[name].more;
    const more = answer.state === "proven" ? sentence : w.reason[answer.reason];
    const detail = element("div", { class: "more" }, element("p", { class: "small quiet", text: more }));
    if (name === "chain" && result.block) detail.append(element("p", { class: "small quiet", text: fill(w.seals, result.block) }));
    list.append(element("li", { "data-answer": name, "data-state": answer.state },
      element("span", { class: "dot", "aria-hidden": "true", text: ICONS[answer.state] }),
      element("span", { text: title }),
      element("span", { class: "word", text: w.state[answer.state] }),
      detail));
  }
  fragment.append(list);
  if (result.block?.epoch > 0) fragment.append(element("p", { class: "notice warn", text: fill(w.epoch, { log: result.block.epoch + 1 }) }));
  fragment.append(
    element("p", { class: "small", text: fill(w.trust, result) }),
    element("p", { class: "small quiet", text: w.not }),
    element("p", {}, element("span", { class: "tag", text: w.computed })),
    element("details", {}, element("summary", { text: w.raw }), element("pre", { text: JSON.stringify(result, null, 2) })));
  return fragment;
}
