"use strict";
(() => {
  const form = document.getElementById("form");
  if (!form) return;
  const state = document.getElementById("state");
  const cards = [...form.querySelectorAll(".card")];
  const list = document.getElementById("ranking");
  const selects = new Map([...form.querySelectorAll("select[data-answer]")].map((one) => [one.dataset.answer, one]));
  const letters = new Map(cards.map((card) => [card.id, card.querySelector(".letter").textContent]));
  const labels = new Map();
  for (const set of form.querySelectorAll("fieldset")) {
    const name = set.querySelector("input").name.split(".")[2];
    labels.set(name, set.querySelector("legend").textContent);
  }
  const say = (name) => state.dataset[name];
  let unsaved = false;
  let turn = Promise.resolve();
  let timer = 0;

  // Saving: the newest state of the form, one request after the other.
  const told = (missing) => {
    if (!missing.length) return `✓ ${say("whole")}`;
    const open = new Map();
    for (const [answer, field] of missing) {
      const letter = letters.get(answer);
      if (!open.has(letter)) open.set(letter, []);
      open.get(letter).push(labels.get(field) || say("place"));
    }
    return `${say("missing")}: ` + [...open].sort().map(([letter, names]) => `${letter}: ${names.join(", ")}`).join("; ");
  };
  const send = async () => {
    const body = new URLSearchParams(new FormData(form));
    unsaved = false;
    try {
      const said = await fetch(form.action, { method: "POST", body, headers: { accept: "application/json" } });
      const result = await said.json();
      if (!result.saved) throw new Error(result.why[document.documentElement.lang.slice(0, 2)]);
      state.className = result.missing.length ? "open" : "judged";
      state.textContent = `${say("saved")} · ${told(result.missing)}`;
      document.getElementById("judged").textContent = result.judged;
      document.getElementById("bar").value = result.judged;
    } catch (error) {
      unsaved = true;
      state.className = "failed";
      state.textContent = error instanceof TypeError || error instanceof SyntaxError ? say("notSaved") : error.message;
    }
  };
  const save = (wait) => {
    unsaved = true;
    state.className = "open";
    state.textContent = say("saving");
    clearTimeout(timer);
    timer = setTimeout(() => { turn = turn.then(send); }, wait);
  };
  window.addEventListener("beforeunload", (event) => { if (unsaved) event.preventDefault(); });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    clearTimeout(timer);
    turn = turn.then(send).then(() => {
      if (!unsaved && state.className === "judged") location.href = document.getElementById("next").href;
    });
  });

  // The ranking: a list in the order of the places, with ties on one level.
  const places = () => [...selects].map(([answer, one]) => [answer, Number(one.value) || 0]);
  const paint = () => {
    if (!list) return;
    const now = new Map(places());
    const count = (place) => [...now.values()].filter((other) => other === place).length;
    const rows = [...list.children].sort((a, b) => (now.get(a.dataset.answer) || 99) - (now.get(b.dataset.answer) || 99));
    for (const row of rows) {
      const place = now.get(row.dataset.answer);
      row.classList.toggle("unranked", !place);
      row.querySelector(".at").textContent = place ? place + (count(place) > 1 ? "=" : "") : "–";
      row.title = place ? (count(place) > 1 ? list.dataset.level : "") : list.dataset.unranked;
      list.append(row);
    }
  };
  const order = (levels) => {
    levels.filter((level) => level.length).forEach((level, at) => {
      for (const answer of level) selects.get(answer).value = String(at + 1);
    });
    paint();
    save(0);
  };
  const levels = (without) => {
    const found = new Map();
    for (const [answer, place] of places().sort((a, b) => a[1] - b[1])) {
      if (!place || answer === without) continue;
      if (!found.has(place)) found.set(place, []);
      found.get(place).push(answer);
    }
    return [...found.values()];
  };
  if (list) {
    list.closest("section").hidden = false;
    let dragged = "";
    const where = (event, row) => {
      const box = row.getBoundingClientRect();
      const share = (event.clientY - box.top) / box.height;
      return share < 0.3 ? "before" : share > 0.7 ? "after" : "level";
    };
    const clean = () => { for (const row of list.children) row.classList.remove("before", "after", "level", "dragged"); };
    list.addEventListener("dragstart", (event) => {
      const row = event.target.closest("li");
      dragged = row.dataset.answer;
      row.classList.add("dragged");
      event.dataTransfer.effectAllowed = "move";
      event.dataTransfer.setData("text/plain", "");
    });
    list.addEventListener("dragover", (event) => {
      const row = event.target.closest("li");
      if (!dragged || !row) return;
      event.preventDefault();
      for (const other of list.children) other.classList.remove("before", "after", "level");
      if (row.dataset.answer !== dragged) row.classList.add(where(event, row));
    });
    list.addEventListener("dragend", () => { dragged = ""; clean(); });
    list.addEventListener("drop", (event) => {
      const row = event.target.closest("li");
      event.preventDefault();
      if (!dragged || !row || row.dataset.answer === dragged) return;
      const target = row.dataset.answer;
      const found = levels(dragged);
      const at = found.findIndex((level) => level.includes(target));
      if (at < 0) found.push([dragged]);
      else if (where(event, row) === "level") found[at].push(dragged);
      else found.splice(where(event, row) === "before" ? at : at + 1, 0, [dragged]);
      dragged = "";
      clean();
      order(found);
    });
  }

  // The keyboard: letters choose values of the answer that is looked at, digits its place.
  let current = 0;
  const look = (at) => {
    current = Math.max(0, Math.min(cards.length - 1, at));
    cards.forEach((card, number) => card.classList.toggle("current", number === current));
    cards[current].focus({ preventScroll: true });
    cards[current].scrollIntoView({ block: "nearest" });
  };
  cards.forEach((card, at) => card.addEventListener("pointerdown", () => {
    current = at;
    cards.forEach((other, number) => other.classList.toggle("current", number === at));
  }));
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.target.matches("textarea, select, input:not([type=radio])")) return;
    const card = cards[current];
    const radio = event.target.matches("input[type=radio]");
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    if (key === "ArrowDown" && !radio) look(current + 1);
    else if (key === "ArrowUp" && !radio) look(current - 1);
    else if (key === "ArrowRight" && !radio) document.getElementById("next").click();
    else if (key === "ArrowLeft" && !radio) document.getElementById("previous").click();
    else if (/^[0-9]$/.test(key) && selects.has(card.id)) {
      const one = selects.get(card.id);
      const value = key === "0" ? "" : key;
      if (![...one.options].some((option) => option.value === value)) return;
      one.value = value;
      paint();
      save(0);
    } else if (/^[a-z]$/.test(key)) {
      const choice = card.querySelector(`input[data-key="${key}"]`);
      if (!choice) return;
      choice.checked = true;
      save(0);
    } else return;
    event.preventDefault();
  });
  form.addEventListener("click", (event) => {
    // A choice made with the mouse gives the keyboard back; with Tab and arrows it keeps it.
    if (event.target.matches("input[type=radio]") && event.detail > 0) event.target.blur();
  });
  form.addEventListener("change", () => { paint(); save(0); });
  form.addEventListener("input", (event) => { if (event.target.name === "note") save(600); });
  paint();
  look(0);
})();
