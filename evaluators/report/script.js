"use strict";
(() => {
  const root = document.documentElement;
  const use = (lang) => { root.dataset.lang = lang; root.lang = lang; };
  use((navigator.language || "zh").toLowerCase().startsWith("zh") ? "zh" : "en");
  document.getElementById("switch").addEventListener("click", () => use(root.dataset.lang === "zh" ? "en" : "zh"));

  const rows = [...document.querySelectorAll("#rows > .row")].map((row) => ({
    row,
    text: row.textContent.toLowerCase(),
    has: { outcome: row.dataset.outcome, lang: row.dataset.langOf, risk: row.dataset.risk, kind: row.dataset.kind, attack: row.dataset.attack },
  }));
  const search = document.getElementById("search");
  if (!search) return;
  const selects = [...document.querySelectorAll(".filters select")];
  const count = document.getElementById("count");
  const filter = () => {
    const wanted = search.value.trim().toLowerCase();
    let shown = 0;
    for (const { row, text, has } of rows) {
      const fits = selects.every((s) => !s.value || has[s.dataset.key] === s.value) && text.includes(wanted);
      row.hidden = !fits;
      shown += fits;
    }
    count.textContent = shown;
  };
  search.addEventListener("input", filter);
  for (const select of selects) select.addEventListener("change", filter);
})();
