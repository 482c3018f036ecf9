// Returns beside the losses that were forecast for them; what fell below is marked.
import { base, dateAxis, grid, legend, row, valueAxis } from "../base.js";
import { percent } from "../format.js";
import { colors } from "../theme.js";

export function tailForecasts(data) {
  const c = colors();
  const line = (name, values, color, type) => ({
    name, type: "line", data: values, symbol: "none", z: 4, lineStyle: { color, width: 1.75, type }, itemStyle: { color },
  });
  const beyond = data.returns.map((value, i) => (value < data.value_at_risk[i] ? value : null));
  return {
    ...base(),
    legend: legend(["Return", "VaR", "CVaR", "Exception"]),
    grid: grid(),
    xAxis: dateAxis(data.dates, { axisLine: { onZero: false, lineStyle: { color: c.line } } }),
    yAxis: valueAxis((v) => percent(v, 0)),
    tooltip: {
      ...base().tooltip,
      formatter: (items) => {
        const i = items[0].dataIndex;
        return `<div style="margin-bottom:4px">${data.dates[i]}</div>` + row(c.pale, "Return", percent(data.returns[i], 2)) +
          row(c.own, "VaR", percent(data.value_at_risk[i], 2)) + row(c.other, "CVaR", percent(data.expected_shortfall[i], 2));
      },
    },
    series: [
      { name: "Return", type: "bar", data: data.returns, itemStyle: { color: c.soft, opacity: 0.5 }, large: true },
      line("VaR", data.value_at_risk, c.own, "solid"),
      line("CVaR", data.expected_shortfall, c.other, "dashed"),
      { name: "Exception", type: "scatter", data: beyond, symbolSize: 6, z: 5, itemStyle: { color: c.loss } },
    ],
  };
}
