// The cards that were opened on this device. What is shown of each was read when it was opened last.
const chinese = document.documentElement.lang.startsWith("zh");
const say = (zh, en) => (chinese ? zh : en);
const money = (fen) => `¥${Math.floor(fen / 100).toLocaleString("en-US")}.${String(fen % 100).padStart(2, "0")}`;
const prefix = "prepaid-card ";

function element(name, text, attributes = {}) {
  const made = document.createElement(name);
  if (text !== undefined) made.textContent = text;
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

function render() {
  const known = Object.keys(localStorage).filter((k) => k.startsWith(prefix)).sort();
  document.getElementById("none").hidden = known.length > 0;
  document.getElementById("cards").replaceChildren(...known.map((key) => {
    const id = key.slice(prefix.length);
    const { seen, receipts = {} } = JSON.parse(localStorage.getItem(key));
    const box = element("section", undefined, { class: "card" });
    const title = element("h2");
    title.append(element("a", seen?.merchant ?? say("预付卡", "Prepaid card"), { href: `/my/cards/${id}` }));
    box.append(title);
    if (seen) box.append(element("p", say(`余额${money(seen.principal)}（${seen.day}查看），收据${Object.keys(receipts).length}张`, `Balance ${money(seen.principal)} as seen on ${seen.day}, ${Object.keys(receipts).length} receipts`)));
    box.append(element("p", id, { class: "small quiet address", translate: "no" }));
    const remove = element("button", say("从这台设备移除", "Remove from this device"), { type: "button" });
    remove.addEventListener("click", () => {
      const sure = element("button", say("确认移除：收据也会删除，要再看须有商户给的链接", "Remove it: receipts go too, and only the merchant's link opens it again"), { type: "button" });
      sure.addEventListener("click", () => { localStorage.removeItem(key); render(); });
      remove.replaceWith(sure);
      sure.focus();
    });
    const actions = element("p", undefined, { class: "actions" });
    actions.append(remove);
    box.append(actions);
    return box;
  }));
}
render();
