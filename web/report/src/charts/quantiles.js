// What the groups of the score earned: mean a day, and cumulated beside the mean of all groups.
import { base, dateAxis, grid, legend, row, valueAxis } from "../base.js";
import { basisPoints, number, percent } from "../format.js";
import { colors } from "../theme.js";

const spread = (palette, count) =>
  Array.from({ length: count }, (_, q) => palette[Math.round((q * (palette.length - 1)) / Math.max(1, count - 1))]);
const label = (q, count) => (q === 0 ? "Lowest scores" : q === count - 1 ? "Highest scores" : `Group ${q + 1}`);

export function quantileMeans(data) {
  const c = colors();
  const paint = spread(c.quantiles, data.mean.length);
  return {
    ...base(),
    grid: grid({ top: 26, bottom: 26 }),
    xAxis: {
      type: "category", data: data.mean.map((_, q) => `${q + 1}`), axisTick: { show: false },
      axisLine: { onZero: false, lineStyle: { color: c.line } }, axisLabel: { color: c.soft, fontSize: 11 },
      name: "lowest to highest scores", nameLocation: "middle", nameGap: 28, nameTextStyle: { color: c.soft, fontSize: 11 },
    },
    yAxis: valueAxis((v) => number(1e4 * v, 0), { scale: false, name: "bp a day", nameTextStyle: { color: c.soft, fontSize: 11, align: "left" } }),
    tooltip: {
      ...base().tooltip,
      axisPointer: { type: "shadow", shadowStyle: { color: c.grid, opacity: 0.5 } },
      formatter: (items) => {
        const q = items[0].dataIndex;
        return row(paint[q], label(q, data.mean.length), basisPoints(data.mean[q], 2)) + row("transparent", "Names a day", number(data.count[q], 1));
      },
    },
    series: [{ type: "bar", barMaxWidth: 46, data: data.mean.map((value, q) => ({ value, itemStyle: { color: paint[q] } })) }],
  };
}

export function quantileGrowth(data) {
  const c = colors();
  const count = data.mean.length;
  const paint = spread(c.quantiles, count);
  return {
    ...base(),
    legend: legend([label(0, count), label(count - 1, count)]),
    grid: grid(),
    xAxis: dateAxis(data.dates, { axisLine: { onZero: false, lineStyle: { color: c.line } } }),
    yAxis: valueAxis((v) => percent(v, 0)),
    tooltip: {
      ...base().tooltip,
      formatter: (items) => {
        const i = items[0].dataIndex;
        const lines = data.cumulated.map((series, q) => row(paint[q], label(q, count), percent(series[i], 1))).reverse();
        return `<div style="margin-bottom:4px">${data.dates[i]}</div>${lines.join("")}` + row("transparent", "Highest minus lowest", percent(data.long_short[i], 1));
      },
    },
    series: data.cumulated.map((series, q) => ({
      name: label(q, count), type: "line", data: series, symbol: "none", itemStyle: { color: paint[q] },
      lineStyle: { color: paint[q], width: q === 0 || q === count - 1 ? 2.25 : 1.25 },
    })),
  };
}
