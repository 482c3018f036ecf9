// The mean rank IC of the last days with its 95 % band.
import { base, dateAxis, grid, guide, legend, row, valueAxis } from "../base.js";
import { number } from "../format.js";
import { colors } from "../theme.js";

export function rollingInformation(data) {
  const c = colors();
  const name = `Mean of ${data.window} days`;
  const first = data.mean.findIndex((v) => v !== null);
  const dates = data.dates.slice(first);
  const mean = data.mean.slice(first);
  const error = data.error.slice(first).map((e) => 1.96 * e);
  // The band is stacked: its lower edge without a colour, on it its width.
  const edge = (label, values, area) => ({
    name: label, type: "line", stack: "band", stackStrategy: "all", symbol: "none", silent: true, data: values,
    lineStyle: { opacity: 0 }, itemStyle: { color: c.pale }, ...(area ? { areaStyle: { color: c.pale, opacity: 0.55 } } : {}),
  });
  return {
    ...base(),
    legend: legend([name, "95% band"]),
    grid: grid(),
    xAxis: dateAxis(dates, { axisLine: { onZero: false, lineStyle: { color: c.line } } }),
    yAxis: valueAxis((v) => number(v, 2)),
    tooltip: {
      ...base().tooltip,
      formatter: (items) => {
        const i = items[0].dataIndex;
        return `<div style="margin-bottom:4px">${dates[i]}</div>` + row(c.own, name, number(mean[i], 4)) +
          row("transparent", "95% band", `${number(mean[i] - error[i], 4)} to ${number(mean[i] + error[i], 4)}`);
      },
    },
    series: [
      edge("lower", mean.map((m, i) => m - error[i]), false),
      edge("95% band", error.map((e) => 2 * e), true),
      { name, type: "line", data: mean, symbol: "none", z: 4, lineStyle: { color: c.own, width: 2 }, itemStyle: { color: c.own }, markLine: guide(0, "", c.soft) },
    ],
  };
}
