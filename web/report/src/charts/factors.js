// Factors judged: their t-values beside luck, one chosen factor, correlations.
import { base, dateAxis, grid, guide, legend, narrow, row, valueAxis, whiskers } from "../base.js";
import { chosenFactor } from "../factor_choice.js";
import { basisPoints, escapeHtml, number, percent } from "../format.js";
import { colors } from "../theme.js";

const categories = (names, c, extra = {}) => ({
  type: "category", data: names, axisTick: { show: false }, axisLine: { onZero: false, lineStyle: { color: c.line } },
  axisLabel: { color: c.soft, fontSize: 11, hideOverlap: true }, ...extra,
});

const below = (name, c) => ({ name, nameLocation: "middle", nameGap: 26, nameTextStyle: { color: c.soft, fontSize: 11 } });

export function factorT(data) {
  const c = colors();
  const line = (name, values, color, width) => ({
    name, type: "line", data: values, symbol: "none", lineStyle: { color, width }, itemStyle: { color },
  });
  return {
    ...base(),
    legend: legend(["|t| of the factor", "Expected from luck alone"]),
    grid: grid({ bottom: 26 }),
    xAxis: categories(data.t.map((_, i) => String(i + 1)), c, below("place in the ranking", c)),
    yAxis: valueAxis((v) => number(v, 1), { scale: false }),
    tooltip: {
      ...base().tooltip,
      formatter: (items) => {
        const i = items[0].dataIndex;
        return row(c.own, `Place ${i + 1}: |t|`, number(data.t[i], 2)) + row(c.pale, "Luck", number(data.luck[i], 2));
      },
    },
    series: [
      { ...line("|t| of the factor", data.t, c.own, 2.25), markLine: guide(data.hurdle, "3", c.accent) },
      line("Expected from luck alone", data.luck, c.pale, 2.25),
    ],
  };
}

export function factorDecay(data) {
  const c = colors();
  const factor = chosenFactor(data);
  const sessions = factor.decay.map((_, k) => k + 1);
  const longest = Math.max(sessions.length, ...data.horizons);
  const at = (h) => h - 1;
  const bars = Array.from({ length: longest }, (_, k) => factor.decay[k] ?? null);
  const points = data.horizons.map((h, i) => [at(h), factor.horizons[i].ic]);
  return {
    ...base(),
    legend: legend(["One session", "Whole return"]),
    grid: grid({ bottom: 26 }),
    xAxis: categories(bars.map((_, k) => String(k + 1)), c, below("sessions behind the entry", c)),
    yAxis: valueAxis((v) => number(v, 3), { scale: false }),
    tooltip: {
      ...base().tooltip,
      axisPointer: { type: "shadow", shadowStyle: { color: c.grid, opacity: 0.5 } },
      formatter: (items) => {
        const k = items[0].dataIndex;
        const i = data.horizons.indexOf(k + 1);
        const whole = i < 0 ? "" : row(c.accent, `Return over ${k + 1}`, `${number(factor.horizons[i].ic, 4)} (t ${number(factor.horizons[i].t, 1)})`);
        return row(c.pale, `Session ${k + 1} alone`, number(bars[k], 4)) + whole;
      },
    },
    series: [
      { name: "One session", type: "bar", data: bars, barMaxWidth: 22, itemStyle: { color: c.pale } },
      { name: "Whole return", type: "line", data: points, symbolSize: 7, lineStyle: { color: c.accent, width: 1.5 }, itemStyle: { color: c.accent }, z: 6 },
      whiskers("±", points.map(([x, y], i) => [x, y - 1.96 * factor.horizons[i].error, y + 1.96 * factor.horizons[i].error]), c.ink),
    ],
  };
}

export function factorQuantiles(data) {
  const c = colors();
  const factor = chosenFactor(data);
  const count = factor.horizons[0].excess.length;
  const paint = (q) => c.quantiles[Math.round((q * (c.quantiles.length - 1)) / Math.max(1, count - 1))];
  const label = (q) => (q === 0 ? "Lowest" : q === count - 1 ? "Highest" : `Group ${q + 1}`);
  return {
    ...base(),
    legend: legend([label(0), label(count - 1)]),
    grid: grid({ bottom: 26 }),
    xAxis: categories(data.horizons.map(String), c, below("sessions of the return", c)),
    yAxis: valueAxis((v) => number(1e4 * v, 1), { scale: false }),
    tooltip: {
      ...base().tooltip,
      axisPointer: { type: "shadow", shadowStyle: { color: c.grid, opacity: 0.5 } },
      formatter: (items) => {
        const i = items[0].dataIndex;
        return `<div style="margin-bottom:4px">Over ${data.horizons[i]}, a session</div>` +
          factor.horizons[i].excess.map((v, q) => row(paint(q), label(q), basisPoints(v, 2))).reverse().join("");
      },
    },
    series: Array.from({ length: count }, (_, q) => ({
      name: label(q), type: "bar", barGap: "8%", barMaxWidth: 18, itemStyle: { color: paint(q) },
      data: factor.horizons.map((h) => h.excess[q]),
    })),
  };
}

export function factorGrowth(data) {
  const c = colors();
  const factor = chosenFactor(data);
  return {
    ...base(),
    grid: grid({ top: 12 }),
    xAxis: dateAxis(data.dates, { axisLine: { onZero: false, lineStyle: { color: c.line } } }),
    yAxis: valueAxis((v) => percent(v, 0)),
    tooltip: { ...base().tooltip, valueFormatter: (v) => percent(v, 1) },
    series: [{ name: escapeHtml(factor.name), type: "line", data: factor.growth, symbol: "none", lineStyle: { color: c.own, width: 2 }, itemStyle: { color: c.own } }],
  };
}

export function factorSlices(data) {
  const c = colors();
  const factor = chosenFactor(data);
  const names = [...data.slices].reverse();
  const values = [...factor.slices].reverse();
  return {
    ...base(),
    grid: grid({ top: 8 }),
    xAxis: valueAxis((v) => number(v, 3), { scale: false, splitNumber: narrow() ? 2 : 4 }),
    yAxis: categories(names.map((name) => (narrow() ? name.split(":")[0] : name)), c, { axisLine: { show: false }, axisLabel: { color: c.ink, fontSize: 11 } }),
    tooltip: {
      ...base().tooltip,
      axisPointer: { type: "shadow", shadowStyle: { color: c.grid, opacity: 0.5 } },
      formatter: (items) => {
        const i = items[0].dataIndex;
        return `<div style="margin-bottom:4px">${escapeHtml(names[i])}</div>` + row(c.own, "Mean rank IC", number(values[i][0], 4)) + row("transparent", "t", number(values[i][1], 2));
      },
    },
    series: [{
      name: "Rank IC", type: "bar", barMaxWidth: 16,
      data: values.map(([mean]) => ({ value: mean, itemStyle: { color: mean < 0 ? c.loss : c.own } })),
    }],
  };
}

/** Blends the panel's colour with that of a gain or a loss. */
function heat(value, c) {
  const mix = (from, to, share) => from.map((v, i) => Math.round(v + (to[i] - v) * share));
  const parse = (hex) => [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16));
  return `rgb(${mix(parse(c.panel), parse(value < 0 ? c.loss : c.own), Math.abs(value)).join(",")})`;
}

export function factorCorrelations(data) {
  const c = colors();
  const cells = data.rows.flatMap((values, y) => values.map((value, x) => [x, y, value]));
  const every = Math.max(1, Math.ceil(data.names.length / (narrow() ? 14 : 40)));
  const label = { color: c.soft, fontSize: 10, interval: every - 1 };
  return {
    ...base(),
    grid: grid({ top: 8 }),
    xAxis: categories(data.names, c, { axisLabel: { ...label, rotate: 90 }, axisLine: { show: false } }),
    yAxis: categories(data.names, c, { inverse: true, axisLabel: label, axisLine: { show: false } }),
    tooltip: {
      ...base().tooltip, trigger: "item",
      formatter: ({ value: [x, y, v] }) => row(heat(v ?? 0, c), `${escapeHtml(data.names[y])} and ${escapeHtml(data.names[x])}`, number(v, 2)),
    },
    series: [{
      name: "Correlation", type: "custom", data: cells, encode: { x: 0, y: 1 },
      renderItem: (params, api) => {
        const [width, height] = api.size([1, 1]);
        const [x, y] = api.coord([api.value(0), api.value(1)]);
        const shape = { x: x - width / 2, y: y - height / 2, width: width + 0.5, height: height + 0.5 };
        return { type: "rect", shape, style: { fill: heat(api.value(2) || 0, c) } };
      },
    }],
  };
}
