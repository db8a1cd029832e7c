// What a page does: draws its charts when they come into view, filters, sorts, switches maps, prints.
"use strict";

(() => {
  const root = document.documentElement;
  const data = JSON.parse(document.getElementById("data").textContent);
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  root.classList.add("scripted");

  // Charts
  const drawn = new Map();
  const spec = (place) => data[place.dataset.chart];
  const many = (place) => (spec(place).pairs || []).length > 1000;
  let map = "error";

  const fit = (place) => {
    if (spec(place).kind !== "heat") return;
    place.style.maxWidth = `${Math.min(54, 10 + 3 * spec(place).names.length)}rem`;
    place.style.height = `${place.clientWidth * 0.88 + 20}px`;
  };
  const paint = (place) => drawn.get(place).setOption(reportCharts.option(spec(place), place.clientWidth, map), true);
  const draw = (place) => {
    if (drawn.has(place) || !place.clientWidth) return;
    fit(place);
    drawn.set(place, echarts.init(place, null, { renderer: many(place) ? "canvas" : "svg" }));
    paint(place);
    sizes.observe(place);
  };
  const resize = (place) => {
    const chart = drawn.get(place);
    if (!place.clientWidth || place.clientWidth === chart.getWidth()) return;
    fit(place);
    chart.resize();
    paint(place);
  };
  const sizes = new ResizeObserver((found) => found.forEach(({ target }) => resize(target)));
  const places = all("[data-chart]");
  const sight = new IntersectionObserver((found) => found.forEach(({ isIntersecting, target }) => {
    if (!isIntersecting) return;
    sight.unobserve(target);
    draw(target);
  }), { rootMargin: "300px" });
  places.forEach((place) => sight.observe(place));
  const repaint = () => drawn.forEach((_, place) => paint(place));
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", repaint);

  // Paper: every chart in the colours and the width of paper, everything open
  let closed = [];
  addEventListener("beforeprint", () => {
    root.classList.add("printing");
    closed = all("details:not(.shares):not([open])");
    closed.forEach((part) => { part.open = true; });
    places.forEach(draw);
    drawn.forEach((chart, place) => { resize(place); paint(place); chart.getZr().flush(); });
  });
  addEventListener("afterprint", () => {
    root.classList.remove("printing");
    closed.forEach((part) => { part.open = false; });
    drawn.forEach((_, place) => { resize(place); paint(place); });
  });

  // Filters
  const tell = (key, items) => {
    const shown = items.filter((item) => !item.hidden).length;
    all(`[data-count="${key}"]`).forEach((place) => {
      place.textContent = shown === items.length ? "" : `${shown} of ${items.length}`;
    });
  };
  all("[data-filter]").forEach((input) => input.addEventListener("input", () => {
    const key = input.dataset.filter;
    const items = all("[data-name]", document.getElementById(key));
    const wanted = input.value.trim().toLocaleLowerCase();
    items.forEach((item) => { item.hidden = !item.dataset.name.toLocaleLowerCase().includes(wanted); });
    tell(key, items);
  }));

  // Orders
  const words = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" });
  const press = (button, attribute) => all(`[${attribute}]`).forEach((other) =>
    other.setAttribute("aria-pressed", String(other === button)));
  const cards = document.getElementById("cards");
  all("[data-order]").forEach((button) => button.addEventListener("click", () => {
    const key = button.dataset.order;
    press(button, "data-order");
    const order = key === "name"
      ? (a, b) => words.compare(a.dataset.name, b.dataset.name)
      : (a, b) => a.dataset[key] - b.dataset[key];
    cards.append(...[...cards.children].sort(order));
  }));

  const sorted = (table, at, falling) => {
    const value = (row) => row.cells[at].dataset.value;
    const compare = (a, b) => {
      const [x, y] = [value(a), value(b)];
      if (x === undefined && y === undefined) {
        const order = words.compare(a.cells[at].textContent, b.cells[at].textContent);
        return falling ? -order : order;
      }
      if (x === undefined || y === undefined) return x === undefined ? 1 : -1;
      return falling ? y - x : x - y;
    };
    table.tBodies[0].append(...[...table.tBodies[0].rows].sort(compare));
  };
  all("th[data-sortable]").forEach((head) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const was = head.getAttribute("aria-sort");
      const falling = was ? was === "ascending" : head.classList.contains("number");
      all("th[aria-sort]", head.parentNode).forEach((other) => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", falling ? "descending" : "ascending");
      sorted(head.closest("table"), head.cellIndex, falling);
    });
  });

  // The switch between heat maps
  all("[data-map]").forEach((button) => button.addEventListener("click", () => {
    map = button.dataset.map;
    press(button, "data-map");
    all("[data-scale]").forEach((scale) => {
      scale.dataset.scale = map;
      scale.lastElementChild.textContent = map === "error" ? scale.dataset.top : "1";
    });
    drawn.forEach((_, place) => { if (spec(place).kind === "heat") paint(place); });
  }));

  // The numbers of a picture, for those who do not see it
  const line = (tag, texts) => {
    const row = document.createElement("tr");
    row.append(...texts.map((text, i) => {
      const cell = document.createElement(i ? tag : "th");
      if (cell.tagName === "TH") cell.scope = tag === "th" ? "col" : "row";
      cell.textContent = text;
      return cell;
    }));
    return row;
  };
  all("[data-shares]").forEach((part) => part.addEventListener("toggle", () => {
    if (!part.open || part.querySelector("table")) return;
    const { labels, real, synthetic } = data[part.dataset.shares];
    const [first, second] = [reportCharts.shares(real), reportCharts.shares(synthetic)];
    const table = document.createElement("table");
    table.createCaption().textContent = "Shares of the present cells";
    const percent = (share) => reportCharts.percent(share);
    table.append(line("th", ["value", "real", "synthetic"]),
      ...labels.map((label, i) => line("td", [label, percent(first[i]), percent(second[i])])));
    const box = document.createElement("div");
    box.className = "scroll";
    box.tabIndex = 0;
    box.append(table);
    part.append(box);
  }));

  // Where the reader is
  const links = new Map(all("nav a").map((link) => [link.hash.slice(1), link]));
  const where = new IntersectionObserver((found) => found.forEach(({ isIntersecting, target }) => {
    if (!isIntersecting) return;
    links.forEach((link, key) => {
      if (key === target.id) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    });
  }), { rootMargin: "-20% 0px -75% 0px" });
  all("main > section").forEach((section) => where.observe(section));
})();
