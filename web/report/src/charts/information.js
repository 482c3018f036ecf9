// The daily rank IC with its rolling means, its months, and its decay over the horizon.
import { base, dateAxis, grid, guide, legend, narrow, row, valueAxis, whiskers } from "../base.js";
import { number } from "../format.js";
import { colors } from "../theme.js";

export function information(data) {
  const c = colors();
  const smooth = (name, values, color, width) => ({
    name, type: "line", data: values, symbol: "none", lineStyle: { color, width }, itemStyle: { color }, z: 4,
  });
  const axis = { boundaryGap: true, axisLine: { onZero: false, lineStyle: { color: c.line } } };
  return {
    ...base(),
    legend: legend(["20-day mean", "60-day mean", "Single day"]),
    axisPointer: { link: [{ xAxisIndex: "all" }] },
    // Single days are ten times as wide as their means: each has a plot and a scale of its own.
    grid: [
      grid({ left: 46, containLabel: false, bottom: narrow() ? 138 : 164 }),
      grid({ left: 46, containLabel: false, top: undefined, bottom: 26, height: narrow() ? 86 : 112 }),
    ],
    xAxis: [
      dateAxis(data.dates, { ...axis, axisLabel: { show: false }, axisLine: { show: false } }),
      dateAxis(data.dates, { ...axis, gridIndex: 1 }),
    ],
    yAxis: [valueAxis((v) => number(v, 2), { scale: false }), valueAxis((v) => number(v, 1), { gridIndex: 1, splitNumber: 2 })],
    tooltip: {
      ...base().tooltip,
      formatter: (items) => {
        const i = items[0].dataIndex;
        return `<div style="margin-bottom:4px">${data.dates[i]}</div>` + row(c.pale, "Rank IC of the day", number(data.daily[i], 3)) +
          row(c.own, "Mean of 20 days", number(data.rolling_20[i], 3)) + row(c.accent, "Mean of 60 days", number(data.rolling_60[i], 3));
      },
    },
    series: [
      smooth("20-day mean", data.rolling_20, c.own, 1.25),
      { ...smooth("60-day mean", data.rolling_60, c.accent, 2.5), markLine: guide(data.mean, `mean ${number(data.mean, 4)}`, c.ink) },
      { name: "Single day", type: "bar", xAxisIndex: 1, yAxisIndex: 1, data: data.daily, itemStyle: { color: c.pale }, barCategoryGap: "10%" },
    ],
  };
}

export function informationByMonth(data) {
  const c = colors();
  return {
    ...base(),
    grid: grid({ top: 12 }),
    xAxis: {
      type: "category", data: data.months, axisTick: { show: false }, axisLine: { onZero: false, lineStyle: { color: c.line } },
      axisLabel: { color: c.soft, fontSize: 11, hideOverlap: true },
    },
    yAxis: valueAxis((v) => number(v, 2), { scale: false }),
    tooltip: { ...base().tooltip, valueFormatter: (v) => number(v, 4) },
    series: [{
      name: "Mean rank IC", type: "bar", barMaxWidth: 34,
      data: data.values.map((value) => ({ value, itemStyle: { color: value < 0 ? c.loss : c.own } })),
    }],
  };
}

export function decay(data) {
  const c = colors();
  return {
    ...base(),
    grid: grid({ top: 12, bottom: 26 }),
    xAxis: {
      type: "category", data: data.sessions.map(String), axisTick: { show: false }, axisLine: { onZero: false, lineStyle: { color: c.line } },
      axisLabel: { color: c.soft, fontSize: 11 },
      name: "sessions from the entry", nameLocation: "middle", nameGap: 26, nameTextStyle: { color: c.soft, fontSize: 11 },
    },
    yAxis: valueAxis((v) => number(v, 3), { scale: false }),
    tooltip: {
      ...base().tooltip,
      axisPointer: { type: "shadow", shadowStyle: { color: c.grid, opacity: 0.5 } },
      formatter: (items) => {
        const i = items[0].dataIndex;
        return row(c.own, `Rank IC over ${data.sessions[i]}`, number(data.mean[i], 4)) +
          row("transparent", "± 1.96 standard errors", number(data.error[i] * 1.96, 4)) + row("transparent", "t", number(data.t[i], 2));
      },
    },
    series: [
      { name: "Rank IC", type: "bar", data: data.mean, barMaxWidth: 46, itemStyle: { color: c.own, borderRadius: [2, 2, 0, 0] } },
      whiskers("±", data.mean.map((m, i) => [i, m - 1.96 * data.error[i], m + 1.96 * data.error[i]]), c.ink),
    ],
  };
}
