// Growth of 1 over bands in the colours of the regimes, with their probabilities below where a model has said any.
import { base, dateAxis, grid, legend, narrow, row, valueAxis } from "../base.js";
import { escapeHtml, number, percent } from "../format.js";
import { colors } from "../theme.js";

/** From blue, the calmest, to red, the wildest. */
function shades(data) {
  const { quantiles } = colors();
  const count = data.names.length;
  const calm = data.names.map((_, i) => quantiles[Math.round((quantiles.length - 1) * (1 - i / Math.max(1, count - 1)))]);
  return data.ascending ? calm : calm.reverse();
}

/** Runs of sessions of one regime, as bands. */
function bands(data, shade) {
  const areas = [];
  let first = 0;
  for (let i = 1; i <= data.state.length; i++) {
    if (i < data.state.length && data.state[i] === data.state[first]) continue;
    const state = data.state[first];
    const last = Math.min(i, data.state.length - 1);
    if (state >= 0) {
      areas.push([{ xAxis: data.dates[first], itemStyle: { color: shade[state], opacity: 0.2 } }, { xAxis: data.dates[last] }]);
    }
    first = i;
  }
  return areas;
}

export function regimes(data) {
  const c = colors();
  const shade = shades(data);
  const told = data.likely.length > 0;
  const name = (i) => (i < 0 ? "not known yet" : data.names[i]);
  return {
    ...base(),
    legend: legend(data.names),
    axisPointer: { link: [{ xAxisIndex: "all" }] },
    grid: told
      ? [
        grid({ left: 46, containLabel: false, bottom: narrow() ? 138 : 164 }),
        grid({ left: 46, containLabel: false, top: undefined, bottom: 26, height: narrow() ? 86 : 112 }),
      ]
      : [grid({ left: 46, containLabel: false, bottom: 26 })],
    xAxis: told
      ? [dateAxis(data.dates, { axisLabel: { show: false }, axisLine: { show: false } }), dateAxis(data.dates, { gridIndex: 1 })]
      : [dateAxis(data.dates)],
    yAxis: told
      ? [valueAxis((v) => number(v, 2)), valueAxis((v) => percent(v, 0), { gridIndex: 1, splitNumber: 2, min: 0, max: 1 })]
      : [valueAxis((v) => number(v, 2))],
    tooltip: {
      ...base().tooltip,
      formatter: (items) => {
        const i = items[0].dataIndex;
        const state = data.state[i];
        let html = `<div style="margin-bottom:4px">${data.dates[i]}</div>` + row(c.own, "Portfolio", number(data.equity[i], 4))
          + row(state < 0 ? c.line : shade[state], "Regime", escapeHtml(name(state)));
        data.likely.forEach((values, k) => { html += row(shade[k], escapeHtml(data.names[k]), percent(values[i], 0)); });
        return html;
      },
    },
    series: [
      {
        name: "Portfolio", type: "line", data: data.equity, symbol: "none", lineStyle: { color: c.own, width: 2 },
        itemStyle: { color: c.own }, markArea: { silent: true, data: bands(data, shade) },
      },
      ...data.names.map((label, k) => ({
        name: label, type: "line", stack: "likely", symbol: "none", data: told ? data.likely[k] : [],
        ...(told ? { xAxisIndex: 1, yAxisIndex: 1 } : {}),
        lineStyle: { width: 0 }, itemStyle: { color: shade[k] }, areaStyle: { color: shade[k], opacity: 0.6 },
      })),
    ],
  };
}
