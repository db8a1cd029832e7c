// What the charts of a page look like: pure functions from a chart's data to an option of ECharts.
"use strict";

const reportCharts = (() => {
  const SMALL = 11;
  const MAX_ROWS = 12;
  const NAMES = { line: "--line", ink: "--ink", muted: "--muted", card: "--card", real: "--real",
    realFill: "--real-fill", synthetic: "--synthetic", third: "--third", fourth: "--fourth", low: "--heat-low",
    notable: "--notable", serious: "--serious" };

  const colours = () => {
    const style = getComputedStyle(document.documentElement);
    const found = Object.entries(NAMES).map(([key, name]) => [key, style.getPropertyValue(name).trim()]);
    return { ...Object.fromEntries(found), font: getComputedStyle(document.body).fontFamily };
  };

  const escapeHtml = (text) => String(text).replace(/[&<>"']/g, (mark) => `&#${mark.charCodeAt(0)};`);
  const brief = (text, limit) => (text.length > limit ? `${text.slice(0, limit - 1)}…` : text) || "(empty)";
  const total = (counts) => counts.reduce((sum, count) => sum + count, 0) || 1;
  const shares = (counts) => counts.map((count) => count / total(counts));
  const digits = (value) => (value >= 0.1 || value === 0 ? 1 : value >= 0.001 ? 2 : 3);
  const percent = (share) => `${(100 * share).toFixed(digits(share))} %`;
  const decimals = (value) => (value === null ? "–" : value.toFixed(3));
  const swatch = (colour) => `<i class="swatch" style="background:${colour}"></i>`;

  const tooltip = (c, more) => ({
    confine: true, backgroundColor: c.card, borderColor: c.line, padding: [8, 10],
    textStyle: { color: c.ink, fontSize: 12.5, fontFamily: c.font },
    extraCssText: "max-width:260px;white-space:normal;overflow-wrap:anywhere;box-shadow:0 2px 10px #0003;",
    ...more,
  });
  // Beside the pointer and at the top, so that what it tells of can still be seen.
  const aside = ([x], _, tip, box, { contentSize: [wide], viewSize: [room] }) =>
    [Math.max(0, x + 20 + wide <= room ? x + 16 : x - 20 - wide), 0];
  const axisTooltip = (c, formatter) =>
    tooltip(c, { trigger: "axis", position: aside, axisPointer: { type: "shadow" }, formatter });
  const axisText = (c, more) => ({ color: c.muted, fontSize: SMALL, fontFamily: c.font, ...more });
  const shareAxis = (c, sides, more) => ({
    type: "value", min: 0, splitNumber: 3, ...(Math.max(...sides.flat()) > 0.85 ? { max: 1, interval: 0.25 } : {}),
    splitLine: { lineStyle: { color: c.line } }, axisLine: { show: false }, axisTick: { show: false },
    axisLabel: axisText(c, { formatter: (v) => `${+(100 * v).toPrecision(3)} %` }), ...more,
  });
  const base = (c) => ({ animation: false, textStyle: { fontFamily: c.font } });

  const bothShares = (spec, c) => {
    const [real, synthetic] = [shares(spec.real), shares(spec.synthetic)];
    const line = (colour, name, share, count) =>
      `<div>${swatch(colour)}${name} <b>${percent(share)}</b> (${count.toLocaleString("en")})</div>`;
    return (found) => {
      const i = (Array.isArray(found) ? found[0] : found).dataIndex;
      return `<b>${escapeHtml(spec.labels[i])}</b>${line(c.real, "real", real[i], spec.real[i])}` +
        line(c.synthetic, "synthetic", synthetic[i], spec.synthetic[i]);
    };
  };

  // Bins or ranks: filled columns for the real table, an outline over them for the synthetic one.
  const steps = (spec, c) => {
    const shown = spec.shape === "ranked" ? spec.labels.length - 1 : spec.labels.length;
    const [real, synthetic] = [shares(spec.real).slice(0, shown), shares(spec.synthetic).slice(0, shown)];
    const labels = spec.labels.slice(0, shown);
    const outline = [[0, 0], ...synthetic.flatMap((share, i) => [[i, share], [i + 1, share]]), [shown, 0]];
    const ranked = spec.shape === "ranked" && Math.max(...labels.map((label) => label.length)) <= 6;
    const below = ranked ? { rotate: 90, interval: 0, fontSize: 10 } : { hideOverlap: true };
    const named = ranked || (spec.shape === "steps" && !spec.edges && !spec.ends);
    const hidden = { show: false, axisPointer: { show: false } };
    const bins = { type: "category", data: labels, axisTick: { show: false },
      axisLine: { lineStyle: { color: c.line } },
      axisLabel: axisText(c, { show: named, ...below, formatter: (text) => brief(text, 22) }) };
    const edges = spec.edges && { type: "value", position: "bottom", min: spec.edges[0], max: spec.edges[1],
      splitNumber: 4, splitLine: { show: false }, axisTick: { show: true, lineStyle: { color: c.line } },
      axisLine: { show: false }, axisPointer: { show: false },
      axisLabel: axisText(c, { hideOverlap: true, showMinLabel: false, showMaxLabel: false, formatter: shortNumber }) };
    return {
      ...base(c), grid: { left: 4, right: 8, top: 12, bottom: 4, containLabel: true },
      tooltip: axisTooltip(c, bothShares(spec, c)),
      xAxis: [bins, { type: "value", min: 0, max: shown, ...hidden }, ...(edges ? [edges] : [])],
      yAxis: shareAxis(c, [real, synthetic]),
      series: [
        { type: "bar", data: real, barCategoryGap: shown > 15 ? "4%" : "8%", itemStyle: { color: c.realFill } },
        { type: "line", xAxisIndex: 1, data: outline, symbol: "none", silent: true, z: 3, tooltip: { show: false },
          lineStyle: { color: c.synthetic, width: 2 } },
      ],
    };
  };

  const shortNumber = (value) => {
    const size = Math.abs(value);
    if (size >= 1e15 || (size > 0 && size < 1e-3)) return value.toExponential(1);
    const [divisor, unit] = [[1e12, "T"], [1e9, "G"], [1e6, "M"], [1e4, "k"]].find(([d]) => size >= d) || [1, ""];
    return `${+(value / (unit === "k" ? 1e3 : divisor)).toPrecision(4)}${unit}`;
  };

  // The first categories, and all others as one.
  const atMost = (spec, limit) => {
    if (spec.labels.length <= limit) return spec;
    const kept = limit - 1;
    const fold = (counts) => [...counts.slice(0, kept), counts.slice(kept).reduce((sum, count) => sum + count, 0)];
    const labels = [...spec.labels.slice(0, kept), `${spec.labels.length - kept} others`];
    return { ...spec, labels, real: fold(spec.real), synthetic: fold(spec.synthetic) };
  };

  // A pair of bars for each category, upright or lying.
  const bars = (whole, c, width) => {
    const spec = atMost(whole, MAX_ROWS);
    const upright = spec.shape === "columns";
    const room = Math.max(8, Math.floor((0.4 * width) / 6.5));
    const names = { type: "category", data: spec.labels, inverse: !upright, axisTick: { show: false },
      axisLine: { lineStyle: { color: c.line } },
      axisLabel: axisText(c, { interval: 0, formatter: (text) => brief(text.replace(/\s+/g, " "), room) }) };
    const lengths = shareAxis(c, [shares(spec.real), shares(spec.synthetic)], upright ? {} : { splitNumber: 2 });
    const side = (counts, colour) => ({ type: "bar", data: shares(counts), itemStyle: { color: colour },
      barGap: upright ? "0%" : "10%", barCategoryGap: upright ? "34%" : "28%" });
    return {
      ...base(c), grid: { left: 4, right: 16, top: 12, bottom: 4, containLabel: true },
      tooltip: axisTooltip(c, bothShares(spec, c)),
      xAxis: upright ? names : lengths, yAxis: upright ? lengths : names,
      series: [side(spec.real, c.real), side(spec.synthetic, c.synthetic)],
    };
  };

  // One bar for each name, with its interval as a line.
  const ranking = (spec, c, width) => {
    const whisker = (_, api) => {
      const [from, to] = [api.coord([api.value(0), api.value(2)]), api.coord([api.value(1), api.value(2)])];
      return { type: "line", shape: { x1: from[0], y1: from[1], x2: to[0], y2: to[1] },
        style: { stroke: c.ink, lineWidth: 1.5 } };
    };
    const known = spec.labels.map((_, i) => [spec.low[i], spec.high[i], i]).filter(([low]) => low !== null);
    const room = Math.max(8, Math.floor((0.35 * width) / 6.5));
    const tip = ([{ dataIndex: i }]) => `<b>${escapeHtml(spec.labels[i])}</b><div>${decimals(spec.values[i])}` +
      (spec.low[i] === null ? "</div>" : ` (${decimals(spec.low[i])} to ${decimals(spec.high[i])})</div>`);
    return {
      ...base(c), grid: { left: 4, right: 20, top: 8, bottom: 26, containLabel: true },
      tooltip: axisTooltip(c, tip),
      xAxis: { type: "value", name: spec.axis, nameLocation: "middle", nameGap: 26, nameTextStyle: axisText(c),
        splitNumber: 4, splitLine: { lineStyle: { color: c.line } }, axisLabel: axisText(c) },
      yAxis: { type: "category", data: spec.labels, inverse: true, axisTick: { show: false },
        axisLine: { lineStyle: { color: c.line } },
        axisLabel: axisText(c, { formatter: (text) => brief(text, room) }) },
      series: [{ type: "bar", data: spec.values, barWidth: "56%", itemStyle: { color: c.synthetic } },
        { type: "custom", renderItem: whisker, data: known, encode: { x: [0, 1], y: 2 }, silent: true, z: 3 }],
    };
  };

  const MAPS = { real: 2, synthetic: 3, error: 4 };
  const heat = (spec, c, width, map) => {
    const at = MAPS[map];
    const cells = spec.pairs.filter((pair) => pair[at] !== null).flatMap((pair) => {
      const [i, j] = pair;
      return [[i, j], [j, i]].map((place) => ({ value: [...place, pair[at]], pair }));
    });
    const top = map === "error" ? spec.top : 1;
    const room = Math.max(7, Math.floor((0.22 * width) / 6.5));
    const names = (more) => ({ type: "category", data: spec.names, axisTick: { show: false }, axisLine: { show: false },
      splitArea: { show: false }, axisLabel: axisText(c, { formatter: (text) => brief(text, room), ...more }) });
    const tip = ({ data: { pair: [i, j, real, synthetic, error, floor] } }) =>
      `<b>${escapeHtml(spec.names[i])} × ${escapeHtml(spec.names[j])}</b>` +
      `<div>association ${decimals(real)} real, ${decimals(synthetic)} synthetic</div>` +
      `<div>error ${decimals(error)}${floor === null ? "" : `, floor ${decimals(floor)}`}</div>`;
    const full = map === "error" ? c.synthetic : c.real;
    return {
      ...base(c), grid: { left: 4, right: 4, top: 4, bottom: 4, containLabel: true },
      tooltip: tooltip(c, { trigger: "item", formatter: tip }),
      xAxis: names({ rotate: 45 }), yAxis: { ...names({}), inverse: true },
      visualMap: { show: false, min: 0, max: top, inRange: { color: [c.low, full] } },
      series: [{ type: "heatmap", data: cells, emphasis: { itemStyle: { borderColor: c.ink, borderWidth: 1.5 } },
        itemStyle: { borderColor: c.card, borderWidth: spec.names.length > 40 ? 0 : 1 } }],
    };
  };

  const DASHES = { synthetic: "solid", real: "solid", third: [8, 3], fourth: [8, 3, 2, 3] };
  const lines = (spec, c, width) => {
    const shown = spec.bands.filter(({ level }) => level !== "fine");
    const marks = { symbol: "none", silent: true, lineStyle: { color: c.muted, type: [3, 3] },
      data: spec.marks.map((mark, i) => ({ xAxis: mark.at,
        label: { formatter: () => mark.name, color: c.ink, fontSize: SMALL, distance: [0, 3 + 13 * (i % 2)] } })) };
    const areas = { silent: true, data: shown.map((band) => [
      { xAxis: band.from, itemStyle: { color: c[band.level], opacity: 0.13 } }, { xAxis: band.to }]) };
    const number = (value) => `${+value.toPrecision(4)}${spec.unit ? ` ${spec.unit}` : ""}`;
    const told = ({ color, seriesName, value }) =>
      `<div>${swatch(color)}${escapeHtml(seriesName)} <b>${number(value[1])}</b></div>`;
    const state = (x) => spec.bands.filter((band) => band.from < x && x <= band.to)
      .map((band) => `<div>${escapeHtml(band.name)}</div>`).join("");
    const tip = (found) => `<b>${escapeHtml(spec.x_label)} ${found[0].value[0].toLocaleString("en")}</b>` +
      state(found[0].value[0]) + found.filter(({ value }) => Number.isFinite(value[1])).map(told).join("");
    const reach = spec.series.flatMap(({ points }) => points.map(([x]) => x))
      .concat(spec.bands.flatMap((band) => [band.from, band.to]));
    const room = Math.max(8, Math.floor(width / 7.5));
    const span = ({ min, max }) => {
      const more = Math.max(spec.least - (max - min), 0) / 2;
      const [step, low] = [spec.least / 10, min >= 0 ? Math.max(min - more, 0) : min - more];
      const ends = [Math.floor(low / step), Math.ceil(Math.max(max + more, low + spec.least) / step)];
      return more ? ends.map((end) => +(end * step).toPrecision(6)) : [null, null];
    };
    return {
      ...base(c), grid: { left: 4, right: 16, top: spec.marks.length > 1 ? 62 : 48, bottom: 26, containLabel: true },
      legend: { top: 0, left: 0, data: spec.series.filter((found) => !found.yardstick).map((found) => found.name), textStyle: { color: c.ink, fontSize: width < 420 ? SMALL : 12 }, itemGap: 9, itemWidth: width < 420 ? 20 : 26,
        itemHeight: 2, type: "scroll", pageTextStyle: axisText(c),
        formatter: (name) => brief(name, room), inactiveColor: c.muted },
      tooltip: tooltip(c, { trigger: "axis", formatter: tip, position: aside }),
      xAxis: { type: "value", name: spec.x_label, nameLocation: "middle", nameGap: 26, nameTextStyle: axisText(c),
        min: Math.min(...reach), max: Math.max(...reach), splitLine: { show: false }, axisTick: { show: false },
        axisLine: { onZero: false, lineStyle: { color: c.line } },
        axisLabel: axisText(c, { formatter: shortNumber, hideOverlap: true }) },
      yAxis: { type: spec.logarithmic ? "log" : "value", scale: true, splitNumber: 4,
        min: (ends) => span(ends)[0], max: (ends) => span(ends)[1], splitLine: { lineStyle: { color: c.line } }, axisLine: { show: false }, axisTick: { show: false },
        axisLabel: axisText(c, { formatter: (v) => `${spec.logarithmic ? +v.toPrecision(2) : shortNumber(v)}` +
          `${spec.unit === "%" ? " %" : ""}` }) },
      series: spec.series.map((found, i) => ({ type: "line", name: found.name, data: found.points,
        symbol: found.points.length === 1 ? "circle" : "none", symbolSize: 6,
        lineStyle: found.yardstick ? { width: 1.5, type: [2, 4] } : { width: 2, type: DASHES[found.tone] },
        itemStyle: { color: c[found.tone] },
        ...(i === 0 && spec.marks.length ? { markLine: marks } : {}),
        ...(i === 0 && shown.length ? { markArea: areas } : {}) })),
    };
  };

  const KINDS = {
    overlay: (spec, c, width) => (["steps", "ranked"].includes(spec.shape) ? steps(spec, c) : bars(spec, c, width)),
    bars: ranking, heat, lines,
  };
  const option = (spec, width, map) => KINDS[spec.kind](spec, colours(), width, map);
  return { option, shares, percent };
})();
