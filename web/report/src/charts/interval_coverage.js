// The share of outcomes inside their intervals, as a mean of the last sessions, beside what was promised.
import { base, dateAxis, grid, guide, row, valueAxis } from "../base.js";
import { percent } from "../format.js";
import { colors } from "../theme.js";

export function intervalCoverage(data) {
  const c = colors();
  const first = data.mean.findIndex((v) => v !== null);
  const dates = data.dates.slice(first);
  const mean = data.mean.slice(first);
  const daily = data.daily.slice(first);
  const name = `Mean of ${data.rolling} sessions`;
  return {
    ...base(),
    grid: grid(),
    xAxis: dateAxis(dates, { axisLine: { onZero: false, lineStyle: { color: c.line } } }),
    yAxis: valueAxis((v) => percent(v, 0), { scale: true }),
    tooltip: {
      ...base().tooltip,
      formatter: (items) => {
        const i = items[0].dataIndex;
        return `<div style="margin-bottom:4px">${dates[i]}</div>` + row(c.own, name, percent(mean[i], 1)) +
          row("transparent", "That session", percent(daily[i], 1));
      },
    },
    series: [
      { name, type: "line", data: mean, symbol: "none", lineStyle: { color: c.own, width: 2 }, itemStyle: { color: c.own },
        markLine: guide(data.target, `promised ${percent(data.target, 0)}`, c.ink) },
    ],
  };
}
