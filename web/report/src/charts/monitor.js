// How a model fares: which of its features moved, and whether its scores still rank what follows.
import { base, dateAxis, grid, guide, legend, narrow, row, valueAxis } from "../base.js";
import { escapeHtml, number } from "../format.js";
import { colors } from "../theme.js";

export function monitorFeatures(data) {
  const c = colors();
  const order = data.names.map((_, i) => i).reverse();
  const tick = (params, api) => {
    const [x, y] = api.coord([api.value(1), api.value(0)]);
    return { type: "line", shape: { x1: x, y1: y - 8, x2: x, y2: y + 8 }, style: { stroke: c.ink, lineWidth: 2 } };
  };
  const before = order.map((i, place) => [place, data.before[i]]).filter(([, value]) => value !== null);
  const limits = guide(data.act_at, "act", c.ink, "xAxis");
  return {
    ...base(),
    grid: grid({ top: 20, right: 24 }),
    xAxis: valueAxis((v) => number(v, 2), { scale: false, min: 0, max: (v) => (v.max < data.act_at ? 1.1 * data.act_at : null) }),
    yAxis: {
      type: "category", data: order.map((i) => data.names[i]), axisTick: { show: false }, axisLine: { lineStyle: { color: c.line } },
      axisLabel: { color: c.ink, fontSize: 11, width: narrow() ? 96 : 220, overflow: "truncate", interval: 0 },
    },
    tooltip: {
      ...base().tooltip,
      axisPointer: { type: "shadow", shadowStyle: { color: c.grid, opacity: 0.5 } },
      formatter: (items) => {
        const i = order[items[0].dataIndex];
        return `<div style="margin-bottom:4px">${escapeHtml(data.names[i])}</div>` + row(c.own, "PSI", number(data.psi[i], 3)) +
          row(c.ink, "Largest in training", data.before[i] === null ? "\u2013" : number(data.before[i], 3));
      },
    },
    series: [
      {
        type: "bar", barMaxWidth: 14,
        data: order.map((i) => ({ value: data.psi[i], itemStyle: { color: data.act[i] ? c.loss : c.own, borderRadius: [0, 2, 2, 0] } })),
        markLine: { ...limits, label: { ...limits.label, position: "end", rotate: 0 }, data: [{ xAxis: data.watch_at, label: { formatter: "watch" } }, { xAxis: data.act_at, label: { formatter: "act" } }] },
      },
      { type: "custom", z: 5, silent: true, data: before, renderItem: tick, encode: { x: 1, y: 0 } },
    ],
  };
}

export function monitorRankIc(data) {
  const c = colors();
  const name = `Mean of ${data.rolling} sessions`;
  const last = data.dates.length - 1;
  const level = (value, from, to) => (value === null || to <= from ? [] : [[{ coord: [from, value] }, { coord: [to, value] }]]);
  return {
    ...base(),
    legend: legend([name]),
    grid: grid(),
    xAxis: dateAxis(data.dates, { axisLine: { onZero: false, lineStyle: { color: c.line } } }),
    yAxis: valueAxis((v) => number(v, 2)),
    tooltip: {
      ...base().tooltip,
      formatter: (items) => {
        const i = items[0].dataIndex;
        return `<div style="margin-bottom:4px">${data.dates[i]}</div>` + row(c.own, name, number(data.mean[i], 4)) +
          row("transparent", "That session", number(data.daily[i], 4));
      },
    },
    series: [
      {
        name, type: "line", data: data.mean, symbol: "none", lineStyle: { color: c.own, width: 2 }, itemStyle: { color: c.own },
        markLine: {
          silent: true, symbol: "none", animation: false, precision: 12, label: { show: false },
          lineStyle: { color: c.accent, type: "dashed", width: 1.5 },
          data: [
            ...level(data.reference_mean, 0, Math.max(0, data.recent - 1)), ...level(data.recent_mean, data.recent, last),
            { xAxis: data.recent, lineStyle: { color: c.ink, type: "solid", width: 1 }, label: { show: true, formatter: "recent", color: c.ink, fontSize: 11, position: "insideEndTop", rotate: 0 } },
            { yAxis: 0, lineStyle: { color: c.soft, type: "solid", width: 1 } },
          ],
        },
      },
    ],
  };
}
