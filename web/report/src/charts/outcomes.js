// What a year could bring: the median of resampled years, half of them, nine of ten.
import { base, grid, guide, legend, row, valueAxis } from "../base.js";
import { percent } from "../format.js";
import { colors } from "../theme.js";

export function outcomeFan(data) {
  const c = colors();
  // A band is stacked: its lower edge without a colour, on it its width.
  const band = (name, low, high, opacity) => {
    const edge = (label, values, area) => ({
      name: label, type: "line", stack: name, stackStrategy: "all", symbol: "none", silent: true, data: values,
      lineStyle: { opacity: 0 }, itemStyle: { color: c.own, opacity }, ...(area ? { areaStyle: { color: c.own, opacity } } : {}),
    });
    return [edge("lower edge", low, false), edge(name, high.map((v, i) => v - low[i]), true)];
  };
  const range = (low, high) => `${percent(low, 1)} to ${percent(high, 1)}`;
  return {
    ...base(),
    legend: legend(["Median", "Half", "Nine of ten"]),
    grid: grid(),
    xAxis: {
      type: "category", data: data.days, boundaryGap: false, axisTick: { show: false },
      axisLine: { onZero: false, lineStyle: { color: c.line } }, axisLabel: { color: c.soft, interval: "auto" },
    },
    yAxis: valueAxis((v) => percent(v, 0)),
    tooltip: {
      ...base().tooltip,
      formatter: (items) => {
        const i = items[0].dataIndex;
        return `<div style="margin-bottom:4px">after ${data.days[i]} sessions</div>` +
          row(c.own, "Median", percent(data.median[i], 1)) +
          row("transparent", "Half", range(data.lower[i], data.higher[i])) +
          row("transparent", "Nine of ten", range(data.low[i], data.high[i]));
      },
    },
    series: [
      ...band("Nine of ten", data.low, data.high, 0.14),
      ...band("Half", data.lower, data.higher, 0.22),
      { name: "Median", type: "line", data: data.median, symbol: "none", z: 4, lineStyle: { color: c.own, width: 2 }, itemStyle: { color: c.own }, markLine: guide(0, "", c.soft) },
    ],
  };
}
