// What the holdings were exposed to, and what more money would have left of the result.
import { base, dateAxis, grid, guide, legend, narrow, row, valueAxis } from "../base.js";
import { number, percent } from "../format.js";
import { colors } from "../theme.js";

const line = (name, data, color, extra = {}) => ({
  name, type: "line", data, symbol: "none", lineStyle: { color, width: 2 }, itemStyle: { color }, ...extra,
});

/** Beta above, size below, on the same dates. */
export function exposure(data) {
  const c = colors();
  const low = narrow() ? 130 : 150;
  return {
    ...base(),
    legend: legend(["Holdings", "Universe"]),
    axisPointer: { link: [{ xAxisIndex: "all" }] },
    grid: [
      grid({ left: 46, containLabel: false, top: 56, bottom: low + 76 }),
      grid({ left: 46, containLabel: false, top: undefined, bottom: 26, height: low }),
    ],
    xAxis: [
      dateAxis(data.dates, { axisLabel: { show: false }, axisLine: { show: false } }),
      dateAxis(data.dates, { gridIndex: 1, axisLine: { onZero: false, lineStyle: { color: c.line } } }),
    ],
    yAxis: [
      valueAxis((v) => number(v, 2), { name: "beta", nameTextStyle: { color: c.soft, fontSize: 11 } }),
      valueAxis((v) => number(v, 1), { gridIndex: 1, splitNumber: 3, min: (v) => Math.floor(5 * Math.min(v.min, 0)) / 5, max: (v) => Math.ceil(5 * Math.max(v.max, 0)) / 5, name: "size", nameTextStyle: { color: c.soft, fontSize: 11 } }),
    ],
    tooltip: {
      ...base().tooltip,
      formatter: (items) => {
        const i = items[0].dataIndex;
        return `<div style="margin-bottom:4px">${data.dates[i]}</div>` + row(c.own, "Beta", number(data.beta[i], 2)) +
          row(c.other, "Universe's beta", number(data.universe_beta[i], 2)) + row(c.own, "Size, universe 0", number(data.size[i], 2));
      },
    },
    series: [
      line("Universe", data.universe_beta, c.other, { lineStyle: { color: c.other, width: 1.75 } }),
      line("Holdings", data.beta, c.own),
      line("Size", data.size, c.own, { xAxisIndex: 1, yAxisIndex: 1, markLine: guide(0, "", c.other) }),
    ],
  };
}

/** 3e7 → "30M". */
const short = (assets) => (assets >= 1e9 ? `${assets / 1e9}B` : `${assets / 1e6}M`);

/** Sharpe ratio and annual return side by side, over the logarithm of the assets. */
export function capacity(data) {
  const c = colors();
  const points = (values) => data.assets.map((assets, i) => [assets, values[i]]);
  // Far beyond what the market trades the law gives numbers that no one could lose; the plots end at -100 % and -5.
  const shown = (values, least) => points(values.map((v) => (v === null || v < least ? null : v)));
  const axis = (gridIndex) => ({
    type: "log", logBase: 10, gridIndex, min: data.assets[0], max: data.assets.at(-1), splitLine: { show: false }, axisTick: { show: false },
    axisLine: { onZero: false, lineStyle: { color: c.line } }, axisLabel: { color: c.soft, fontSize: 11, formatter: short },
  });
  const name = { nameTextStyle: { color: c.soft, fontSize: 11, align: "left" } };
  const middle = narrow() ? "57%" : "54%";
  const dots = { symbol: "circle", symbolSize: 6 };
  return {
    ...base(),
    legend: legend(["Portfolio, after impact", "Over the universe"]),
    grid: [
      grid({ left: 40, containLabel: false, top: 58, bottom: 30, right: middle }),
      grid({ left: middle, containLabel: false, top: 58, bottom: 30, right: 20 }),
    ],
    xAxis: [axis(0), axis(1)],
    yAxis: [
      valueAxis((v) => number(v, 1), { name: "Sharpe ratio", ...name }),
      valueAxis((v) => percent(v, 0), { gridIndex: 1, name: "annual return", ...name }),
    ],
    tooltip: {
      ...base().tooltip,
      formatter: (items) => {
        const i = items[0].dataIndex;
        return `<div style="margin-bottom:4px">${short(data.assets[i])}</div>` + row(c.own, "Sharpe ratio", number(data.sharpe[i], 2)) +
          row(c.own, "Annual return", percent(data.annual_return[i], 1)) + row(c.other, "Over the universe", percent(data.excess[i], 1));
      },
    },
    series: [
      line("Portfolio, after impact", shown(data.sharpe, -5), c.own, { ...dots, markLine: guide(0, "", c.soft) }),
      line("Portfolio, after impact", shown(data.annual_return, -1), c.own, { ...dots, xAxisIndex: 1, yAxisIndex: 1, markLine: guide(0, "", c.soft) }),
      line("Over the universe", shown(data.excess, -1.5), c.other, { ...dots, xAxisIndex: 1, yAxisIndex: 1 }),
    ],
  };
}
