// Growth of 1 of two runs, and below it how far the first is ahead of the second.
import { base, dateAxis, grid, guide, legend, narrow, row, valueAxis } from "../base.js";
import { escapeHtml, number, percent } from "../format.js";
import { colors } from "../theme.js";

export function comparison(data) {
  const c = colors();
  const line = (label, values, color) => ({
    name: label, type: "line", data: values, symbol: "none", lineStyle: { color, width: 2 }, itemStyle: { color },
  });
  return {
    ...base(),
    legend: legend(data.names),
    axisPointer: { link: [{ xAxisIndex: "all" }] },
    grid: [
      grid({ left: 46, containLabel: false, bottom: narrow() ? 138 : 164 }),
      grid({ left: 46, containLabel: false, top: undefined, bottom: 26, height: narrow() ? 86 : 112 }),
    ],
    xAxis: [
      dateAxis(data.dates, { axisLabel: { show: false }, axisLine: { show: false } }),
      dateAxis(data.dates, { gridIndex: 1, axisLine: { onZero: false, lineStyle: { color: c.line } } }),
    ],
    yAxis: [valueAxis((v) => number(v, 2)), valueAxis((v) => percent(v, 0), { gridIndex: 1, splitNumber: 2 })],
    tooltip: {
      ...base().tooltip,
      formatter: (items) => {
        const i = items[0].dataIndex;
        return `<div style="margin-bottom:4px">${data.dates[i]}</div>`
          + row(c.own, escapeHtml(data.names[0]), number(data.a[i], 4))
          + row(c.other, escapeHtml(data.names[1]), number(data.b[i], 4))
          + row(c.soft, "A over B", percent(data.ratio[i], 1));
      },
    },
    series: [
      line(data.names[1], data.b, c.other),
      { ...line(data.names[0], data.a, c.own), markLine: guide(1, "", c.line) },
      {
        name: "A over B", type: "line", xAxisIndex: 1, yAxisIndex: 1, data: data.ratio, symbol: "none",
        lineStyle: { color: c.soft, width: 1.25 }, itemStyle: { color: c.soft }, areaStyle: { color: c.soft, opacity: 0.15 },
        markLine: guide(0, "", c.soft),
      },
    ],
  };
}
