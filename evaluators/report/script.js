"use strict";
(() => {
  const root = document.documentElement;
  const use = (lang) => { root.dataset.lang = lang; root.lang = lang; };
  const asked = new URLSearchParams(location.search).get("lang");
  use(asked === "zh" || asked === "en" ? asked : (navigator.language || "zh").toLowerCase().startsWith("zh") ? "zh" : "en");
  document.getElementById("switch").addEventListener("click", () => use(root.dataset.lang === "zh" ? "en" : "zh"));
})();
