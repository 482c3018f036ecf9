// What every chart of the report shares: fonts, axes, tooltips, margins.
import { colors } from "./theme.js";

export const narrow = () => window.innerWidth < 640;
export const font = '"Inter Variable", system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif';

export function base() {
  const c = colors();
  return {
    // No animation: the page looks the same when it is opened, printed or photographed.
    animation: false,
    textStyle: { fontFamily: font, fontSize: 12, color: c.soft },
    tooltip: {
      trigger: "axis",
      confine: true,
      backgroundColor: c.panel,
      borderColor: c.line,
      padding: [8, 12],
      textStyle: { color: c.ink, fontSize: 12, fontFamily: font },
      axisPointer: { lineStyle: { color: c.soft, type: "solid", width: 1 }, shadowStyle: { color: c.grid, opacity: 0.5 } },
    },
  };
}

export function legend(names, extra = {}) {
  const c = colors();
  return {
    data: names, top: 0, left: 0, itemWidth: 18, itemHeight: 3, itemGap: 18, icon: "rect", selectedMode: false,
    textStyle: { color: c.ink, fontSize: 12 }, ...extra,
  };
}

export const grid = (extra = {}) => ({ left: 8, right: 12, top: 34, bottom: 8, containLabel: true, ...extra });

export function dateAxis(dates, extra = {}) {
  const c = colors();
  const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
  const starts = new Set(dates.map((d, i) => (i > 0 && d.slice(0, 7) !== dates[i - 1].slice(0, 7) ? i : -1)));
  const every = Math.max(1, Math.ceil(starts.size / (narrow() ? 5 : 12)));
  const shown = new Set([...starts].filter((i) => i > 0).filter((i, k) => k % every === 0));
  return {
    type: "category", data: dates, boundaryGap: false,
    axisLine: { lineStyle: { color: c.line } }, axisTick: { show: false },
    axisLabel: {
      color: c.soft, fontSize: 11, hideOverlap: true, interval: (i) => shown.has(i),
      formatter: (d) => (d.slice(5, 7) === "01" ? d.slice(0, 4) : `${months[Number(d.slice(5, 7)) - 1]} ${narrow() ? "\u2019" + d.slice(2, 4) : d.slice(0, 4)}`),
    },
    ...extra,
  };
}

export function valueAxis(formatter, extra = {}) {
  const c = colors();
  return {
    type: "value", scale: true, splitNumber: 4, axisLine: { show: false }, axisTick: { show: false },
    axisLabel: { color: c.soft, fontSize: 11, formatter }, splitLine: { lineStyle: { color: c.grid } }, ...extra,
  };
}

/** One line of a tooltip: a coloured dot, a name, a number at the right. Names are escaped by the caller. */
export const row = (color, name, value) =>
  `<div style="display:flex;gap:16px;justify-content:space-between"><span><span style="display:inline-block;width:8px;height:8px;border-radius:4px;margin-right:6px;background:${color}"></span>${name}</span><b style="font-variant-numeric:tabular-nums">${value}</b></div>`;

/** A line at a value, without arrows, labelled at its end. */
export const guide = (value, label, color, axis = "yAxis") => ({
  silent: true, symbol: "none", animation: false, precision: 12,
  lineStyle: { color, type: "dashed", width: 1 },
  label: { formatter: label, position: "insideEndTop", color, fontSize: 11 },
  data: [{ [axis]: value }],
});

/** Draws ±error whiskers beside bars or points: data rows are [category index, low, high]. */
export function whiskers(name, data, color) {
  return {
    name, type: "custom", z: 5, silent: true, data,
    renderItem: (params, api) => {
      const low = api.coord([api.value(0), api.value(1)]);
      const high = api.coord([api.value(0), api.value(2)]);
      const line = (x1, y1, x2, y2) => ({ type: "line", shape: { x1, y1, x2, y2 }, style: { stroke: color, lineWidth: 1.5 } });
      return { type: "group", children: [
        line(low[0], low[1], high[0], high[1]),
        line(low[0] - 5, low[1], low[0] + 5, low[1]),
        line(high[0] - 5, high[1], high[0] + 5, high[1]),
      ] };
    },
    encode: { x: 0, y: [1, 2] },
  };
}
