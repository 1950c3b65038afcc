(() => {
  const held = JSON.parse(document.getElementById("data").textContent);
  const words = held.words, rows = held.rows, PAGE = 50;

  // --- building: texts only ever become text nodes, never markup
  const make = (tag, options = {}, ...inside) => {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(options)) if (value !== undefined) node.setAttribute(name, value);
    for (const part of inside.flat(Infinity)) if (part !== null && part !== undefined) node.append(part);
    return node;
  };
  const both = (word) => ["zh", "en"].map((lang) => make("span", { class: "w", lang }, word[lang]));
  const say = (key) => both(words[key]);
  const reason = (code) => held.reasons[code] ? both(held.reasons[code]) : [make("code", {}, code)];
  const badge = (outcome) => make("span", { class: `badge ${outcome}` }, say(outcome));
  const number = (row) => held.repeated ? `${row.id} #${row.n + 1}` : row.id;
  const flat = (value) => Array.isArray(value) ? value.map(flat).join(", ")
    : value !== null && typeof value === "object" ? Object.entries(value).map(([k, v]) => `${k} ${flat(v)}`).join(", ") : String(value);
  const detail = (cell) => Object.entries(cell.detail || {})
    .filter(([name, value]) => name !== "statements" && value !== null && value !== "" && value !== 0 && value !== false && !(Array.isArray(value) && !value.length))
    .map(([name, value]) => `${name}: ${flat(value)}`).join("; ");

  const answer = (said) => {
    if (said.code) return [make("p", { class: "text none" }, say("no_answer"), ": ", reason(said.code))];
    return [
      make("p", { class: "text" }, said.text || say("empty")),
      make("p", { class: "dim" }, `${said.seconds.toFixed(2)} s `, said.finish ? make("span", { class: "tag" }, said.finish) : null),
    ];
  };
  const cellLine = (cell) => {
    const value = cell.value === undefined ? reason(cell.reason) : cell.value.toFixed(3);
    const line = make("li", {}, make("span", { class: `dot-${cell.outcome}` }), make("code", {}, cell.metric), " ", value);
    const statements = (cell.detail || {}).statements;
    if (Array.isArray(statements) && statements.length) {
      line.append(make("ul", { class: "statements" }, statements.map((one) => typeof one === "object" && one !== null
        ? make("li", { class: one.reason === "supported" ? "pass" : "fail" }, `${one.text ?? flat(one)} `,
          make("span", { class: "dim" }, one.reason ? reason(String(one.reason)) : [], one.passage ? ` ${one.passage}` : ""))
        : make("li", {}, flat(one)))));
    }
    const more = detail(cell);
    if (more) line.append(" ", make("span", { class: "dim" }, more));
    return line;
  };
  const twins = new Map();
  for (const row of rows) {
    const key = `${row.id}\n${row.n}`;
    if (!twins.has(key)) twins.set(key, []);
    twins.get(key).push(row);
  }
  const answers = (row) => {
    const sides = [];
    if (row.before) sides.push([say("baseline"), row.before]);
    for (const twin of twins.get(`${row.id}\n${row.n}`)) {
      const title = twin.way ? [make("code", {}, twin.way)] : row.before ? say("now") : say("answer");
      sides.push([title, twin.said]);
    }
    return make("div", { class: sides.length > 1 ? "sides" : "" }, sides.map(([title, said]) =>
      make("div", {}, make("h4", {}, title), answer(said))));
  };
  const body = (row) => {
    const lang = row.lang === "en" ? "en" : "zh", parts = [];
    const texts = (key, list) => { if (list.length) parts.push(make("h4", {}, say(key)), list.map((text) => make("p", { class: "text", lang }, text))); };
    texts("plain", row.plain ? [row.plain] : []);
    texts("turns", row.turns || []);
    texts("question", [row.question]);
    texts("tool", row.tool ? [row.tool] : []);
    texts("system", row.system === undefined ? [] : [held.systems[row.system]]);
    if (row.passages) {
      const relevant = new Set(row.relevant || []);
      parts.push(make("h4", {}, say("passages")), make("ol", { class: "passages" }, row.passages.map((at) => {
        const [id, text] = held.passages[at];
        return make("li", relevant.has(id) ? { class: "relevant" } : {}, make("code", {}, id), ` ${text}`);
      })));
    }
    texts("reference", row.reference ? [row.reference] : []);
    parts.push(answers(row));
    if (row.should) parts.push(make("p", {}, make("span", { class: "dim" }, say("should")), " ", say(`should_${row.should}`)));
    if (row.people) {
      parts.push(make("h4", {}, both(held.people)), make("p", {}, row.people.map((one, at) => [at ? " · " : "", both(one.label), ": ",
        make("b", {}, both(one.value)), " ", make("span", { class: "dim" }, both(one.how), one.votes > 1 ? ` × ${one.votes}` : "")])));
    }
    parts.push(make("h4", {}, say("judged")), make("ul", { class: "cells" }, row.cells.map(cellLine)));
    return make("div", { class: "body" }, parts);
  };
  const line = (row) => {
    const tags = [row.way, row.risk, row.kind, row.attack].filter(Boolean).map((tag) => make("span", { class: "tag" }, tag));
    const moved = row.moved ? make("span", { class: `tag ${row.moved}` }, say(row.moved)) : null;
    const node = make("details", { class: "row", "data-outcome": row.outcome, "data-id": row.id },
      make("summary", {}, badge(row.outcome), " ", make("code", {}, number(row)), " ",
        make("span", { class: "brief" }, row.question.slice(0, 200)), moved, tags));
    node.addEventListener("toggle", () => { if (node.open && node.children.length === 1) node.append(body(row)); });
    return node;
  };

  // --- paging: only one page of rows is in the document at a time
  const pager = (place, nav, draw, nothing) => {
    let list = [], at = 0;
    const show = (to) => {
      at = to;
      const last = Math.max(0, Math.ceil(list.length / PAGE) - 1);
      place.replaceChildren(...(list.length ? draw(list.slice(at * PAGE, (at + 1) * PAGE)) : [make("p", { class: "dim" }, say(nothing))]));
      nav.replaceChildren();
      if (!last) return;
      const step = (by, word) => {
        const button = make("button", { type: "button" }, say(word));
        button.disabled = at + by < 0 || at + by > last;
        button.addEventListener("click", () => show(at + by));
        return button;
      };
      nav.append(step(-1, "newer"), make("span", { class: "dim" }, say("page"), ` ${at + 1} / ${last + 1}`), step(1, "older"));
    };
    return (found) => { list = found; show(0); };
  };
  const showRows = pager(document.getElementById("rows"), document.getElementById("pages"), (part) => part.map(line), "no_rows");
  const hitPlace = document.getElementById("hits");
  const goTo = (row) => {
    search.value = row.id;
    for (const select of selects) select.value = "";
    filter();
    const node = [...document.querySelectorAll("#rows .row")].find((one) => one.dataset.id === row.id);
    if (node) { node.open = true; node.scrollIntoView({ block: "start" }); }
  };
  const showHits = pager(hitPlace, document.getElementById("hit-pages"), (part) => [make("div", { class: "wide" },
    make("table", { class: "numbers hits" },
      make("thead", {}, make("tr", {}, ["row", "metric", "value", "why"].map((key) => make("th", { scope: "col" }, say(key))))),
      make("tbody", {}, part.map(([row, cell]) => {
        const link = make("button", { type: "button", class: "link" }, number(row));
        link.addEventListener("click", () => goTo(row));
        const tags = [row.way, row.risk, row.attack].filter(Boolean).map((tag) => make("span", { class: "tag" }, tag));
        return make("tr", {}, make("th", { scope: "row" }, link, tags), make("td", {}, make("code", {}, cell.metric)),
          make("td", {}, cell.value.toFixed(3)), make("td", { class: "why" }, detail(cell).slice(0, 160) || "–"));
      }))))], "no_hits");

  // --- filters
  const search = document.getElementById("search");
  const selects = [...document.querySelectorAll(".filters select")];
  const count = document.getElementById("count");
  const textOf = (row) => {
    if (row.text_ === undefined) {
      row.text_ = [row.id, row.question, row.plain, ...(row.turns || []), row.tool, row.reference, row.said.text, row.before && row.before.text,
        row.risk, row.kind, row.attack].filter(Boolean).join("\n").toLowerCase();
    }
    return row.text_;
  };
  const fits = (row, wanted, chosen) => {
    for (const [key, value] of Object.entries(chosen)) {
      if (key === "outcome" || key === "metric" || !value) continue;
      if (row[key] !== value) return false;
    }
    if (chosen.metric) {
      const cell = row.cells.find((one) => one.metric === chosen.metric);
      if (!cell || (chosen.outcome && cell.outcome !== chosen.outcome)) return false;
    } else if (chosen.outcome && row.outcome !== chosen.outcome) return false;
    return !wanted || textOf(row).includes(wanted);
  };
  function filter() {
    const chosen = Object.fromEntries(selects.map((one) => [one.dataset.key, one.value]));
    const wanted = search.value.trim().toLowerCase();
    const found = rows.filter((row) => fits(row, wanted, chosen));
    count.textContent = found.length;
    showRows(found);
    const failing = found.flatMap((row) => row.cells.filter((cell) => cell.outcome === "fail").map((cell) => [row, cell]));
    showHits(chosen.metric ? failing.filter(([, cell]) => cell.metric === chosen.metric) : failing);
  }
  let waiting = 0;
  search.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(filter, 120); });
  for (const select of selects) select.addEventListener("change", filter);
  filter();
  const wanted = decodeURIComponent(location.hash.slice(1));  // …/report.html#ID opens that row
  const named = wanted && rows.find((row) => row.id === wanted);
  if (named) goTo(named);
})();
