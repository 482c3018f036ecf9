// Growth of 1 with the drawdown below it on the same dates.
import { base, dateAxis, grid, guide, legend, narrow, row, valueAxis } from "../base.js";
import { escapeHtml, number, percent } from "../format.js";
import { colors } from "../theme.js";

export function equity(data) {
  const c = colors();
  const other = data.benchmark.length > 0;
  const name = "Portfolio, after costs";
  const line = (label, values, color, width, type) => ({
    name: label, type: "line", data: values, symbol: "none", lineStyle: { color, width, type }, itemStyle: { color },
  });
  return {
    ...base(),
    legend: legend(other ? [name, data.benchmark_name] : [name]),
    axisPointer: { link: [{ xAxisIndex: "all" }] },
    // Both plots start at the same place, so that a date is straight above itself.
    grid: [
      grid({ left: 46, containLabel: false, bottom: narrow() ? 138 : 164 }),
      grid({ left: 46, containLabel: false, top: undefined, bottom: 26, height: narrow() ? 86 : 112 }),
    ],
    xAxis: [
      dateAxis(data.dates, { axisLabel: { show: false }, axisLine: { show: false } }),
      dateAxis(data.dates, { gridIndex: 1, axisLine: { onZero: false, lineStyle: { color: c.line } } }),
    ],
    yAxis: [
      valueAxis((v) => number(v, 2)),
      valueAxis((v) => percent(v, 0), { gridIndex: 1, splitNumber: 2, max: 0 }),
    ],
    tooltip: {
      ...base().tooltip,
      formatter: (items) => {
        const i = items[0].dataIndex;
        let html = `<div style="margin-bottom:4px">${data.dates[i]}</div>` + row(c.own, "Portfolio", number(data.equity[i], 4));
        if (other) html += row(c.other, escapeHtml(data.benchmark_name), number(data.benchmark[i], 4));
        return html + row(c.loss, "Drawdown", percent(data.drawdown[i], 1));
      },
    },
    series: [
      ...(other ? [line(data.benchmark_name, data.benchmark, c.other, 1.75, "solid")] : []),
      { ...line(name, data.equity, c.own, 2.25, "solid"), markLine: guide(1, "", c.line) },
      {
        name: "Drawdown", type: "line", xAxisIndex: 1, yAxisIndex: 1, data: data.drawdown, symbol: "none",
        lineStyle: { color: c.loss, width: 1 }, itemStyle: { color: c.loss }, areaStyle: { color: c.loss, opacity: 0.22 },
      },
    ],
  };
}
