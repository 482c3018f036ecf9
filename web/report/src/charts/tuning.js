// A search for settings: trial by trial, which settings mattered, where the good trials lie.
import { base, grid, legend, narrow, row, valueAxis } from "../base.js";
import { escapeHtml, number, percent } from "../format.js";
import { colors } from "../theme.js";

const bestTenth = 0.1;

/** What a trial tried, as lines of a tooltip. */
const describe = (data, trial, color) =>
  `<div style="margin-bottom:4px">Trial ${trial.number}${trial.complete ? "" : ", given up"}</div>` +
  row(color, escapeHtml(data.objective), number(trial.value, 4)) +
  data.names.map((name, i) => row("transparent", escapeHtml(name), escapeHtml(trial.settings[i]))).join("");

export function tuningHistory(data) {
  const c = colors();
  const better = (a, b) => (data.higher ? a > b : a < b);
  let best = null;
  const line = [];
  for (const t of data.trials) {
    if (t.complete && (best === null || better(t.value, best))) best = t.value;
    if (best !== null) line.push([t.number, best]);
  }
  const points = (complete) => data.trials.filter((t) => t.complete === complete && t.value !== null)
    .map((t) => ({ value: [t.number, t.value], trial: t }));
  const scatter = (name, complete, color) => ({
    name, type: "scatter", symbolSize: complete ? 8 : 6, data: points(complete), itemStyle: { color, borderColor: c.panel, borderWidth: 1 },
  });
  return {
    ...base(),
    legend: legend(["Complete", "Given up", "Best so far"], { itemHeight: 8, itemWidth: 12 }),
    grid: grid(),
    xAxis: valueAxis((v) => number(v, 0), { scale: false, minInterval: 1, splitLine: { show: false } }),
    yAxis: valueAxis((v) => number(v, 3)),
    tooltip: {
      ...base().tooltip, trigger: "item",
      formatter: (item) => (item.data.trial ? describe(data, item.data.trial, item.color) : ""),
    },
    series: [
      scatter("Given up", false, c.pale),
      { name: "Best so far", type: "line", step: "end", symbol: "none", silent: true, data: line, lineStyle: { color: c.accent, width: 2 }, itemStyle: { color: c.accent } },
      scatter("Complete", true, c.own),
    ],
  };
}

export function tuningImportance(data) {
  const c = colors();
  const order = data.names.map((_, i) => i).sort((a, b) => data.importance[a] - data.importance[b]);
  return {
    ...base(),
    grid: grid({ top: 8, right: 24 }),
    xAxis: valueAxis((v) => percent(v, 0), { scale: false, min: 0 }),
    yAxis: {
      type: "category", data: order.map((i) => data.names[i]), axisTick: { show: false }, axisLine: { lineStyle: { color: c.line } },
      axisLabel: { color: c.ink, fontSize: 11, width: narrow() ? 96 : 220, overflow: "truncate" },
    },
    tooltip: {
      ...base().tooltip,
      axisPointer: { type: "shadow", shadowStyle: { color: c.grid, opacity: 0.5 } },
      formatter: (items) => row(c.own, escapeHtml(data.names[order[items[0].dataIndex]]), percent(items[0].value, 1)),
    },
    series: [{ type: "bar", barMaxWidth: 14, data: order.map((i) => data.importance[i]), itemStyle: { color: c.own, borderRadius: [0, 2, 2, 0] } }],
  };
}

export function tuningCoordinates(data) {
  const c = colors();
  const complete = data.trials.filter((t) => t.complete).sort((a, b) => (data.higher ? a.value - b.value : b.value - a.value));
  const good = Math.max(1, Math.round(bestTenth * complete.length));
  const values = complete.map((t) => t.value);
  const low = Math.min(...values);
  const span = Math.max(...values) - low || 1;
  return {
    ...base(),
    grid: grid({ top: 12, left: 24, right: 32 }),
    xAxis: {
      type: "category", data: [...data.names, data.objective], boundaryGap: false, axisTick: { show: false },
      axisLine: { lineStyle: { color: c.line } }, splitLine: { show: true, lineStyle: { color: c.line } },
      axisLabel: { color: c.ink, fontSize: 11, interval: 0, rotate: narrow() ? 45 : 0 },
    },
    yAxis: { type: "value", min: 0, max: 1, show: false },
    tooltip: { ...base().tooltip, trigger: "item", formatter: (item) => describe(data, complete[item.seriesIndex], item.color) },
    series: complete.map((t, i) => {
      const stands = i >= complete.length - good;
      return {
        type: "line", data: [...t.places, (t.value - low) / span], symbol: "circle", symbolSize: stands ? 6 : 3, z: stands ? 4 : 2,
        lineStyle: { color: stands ? c.own : c.pale, width: stands ? 2 : 1, opacity: stands ? 0.95 : 0.6 },
        itemStyle: { color: stands ? c.own : c.pale },
      };
    }),
  };
}
