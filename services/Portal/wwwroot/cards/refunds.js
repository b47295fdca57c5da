// Refunds of a holder's own card: asked for here, answered by the merchant in a term, both by the same numbers.
const chinese = document.documentElement.lang.startsWith("zh");
const say = (zh, en) => (chinese ? zh : en);
const money = (fen) => `¥${Math.floor(fen / 100).toLocaleString("en-US")}.${String(fen % 100).padStart(2, "0")}`;

const STAGES = {
  asked: (r) => say(`等商户答复，最晚${r.answerBy}`, `the merchant answers by ${r.answerBy}`),
  answered: () => say("商户给出的少于您的计算：接受，或交主管部门决定", "the merchant offers less: accept it or let the authority decide"),
  escalated: () => say("等主管部门决定", "the authority decides"),
  ordered: (r) => say(`应退${money(r.orderedFen ?? 0)}，最晚${r.payBy}付清`, `${money(r.orderedFen ?? 0)} is due by ${r.payBy}`),
  paid: () => say("已付清", "paid"),
  withdrawn: () => say("您已撤回", "withdrawn"),
};

// What a holder may do at a stage: the service's name for it and the button's words.
const ACTS = {
  asked: [["escalation", say("逾期未答复：交主管部门", "No answer in time: to the authority")], ["withdrawal", say("撤回，继续用卡", "Withdraw and keep the card")]],
  answered: [["acceptance", say("接受商户给出的金额", "Accept the merchant's amount")], ["escalation", say("交主管部门决定", "Let the authority decide")], ["withdrawal", say("撤回，继续用卡", "Withdraw and keep the card")]],
  ordered: [["receipt", say("钱已收到", "The money has come")], ["escalation", say("逾期未付：交主管部门", "Not paid in time: to the authority")]],
};

function element(name, text, attributes = {}) {
  const made = document.createElement(name);
  if (text !== undefined) made.textContent = text;
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

/** Wires the form that asks and shows what was asked before. @param {(path: string, body?: object | null) => Promise<Response>} get */
export async function refunds(id, get) {
  const list = document.getElementById("refunds");
  const path = `/api/prepaid/open/cards/${id}/refunds`;
  const again = () => refunds(id, get);
  const act = (button, what, body) => button.addEventListener("click", async () => {
    button.disabled = true;
    try {
      await get(what, body());
      await again();
    } catch (e) {
      list.prepend(element("p", e.message, { class: "notice bad", role: "alert" }));
      button.disabled = false;
    }
  });
  const ask = document.getElementById("ask-refund");
  const fresh = ask.cloneNode(true);
  fresh.disabled = false;
  ask.replaceWith(fresh);
  act(fresh, path, () => ({ cause: document.getElementById("refund-cause").value, words: document.getElementById("refund-words").value.trim() }));
  const { refunds: known } = await (await get(path)).json();
  list.replaceChildren(...known.map((r) => {
    const box = element("section", undefined, { class: "notice" });
    const range = r.lowFen === r.highFen ? money(r.lowFen) : `${money(r.lowFen)}～${money(r.highFen)}`;
    box.append(element("h3", say(`${r.askedOn}要求退费，按法律应退${range}`, `Asked on ${r.askedOn}: by law ${range} goes back`)), element("p", (STAGES[r.stage] ?? (() => r.stage))(r)));
    for (const [what, words] of ACTS[r.stage] ?? []) {
      const button = element("button", words, { type: "button" });
      act(button, `${path}/${r.refund}/${what}`, () => null);
      box.append(button);
    }
    return box;
  }));
}
