// What the model looked at, and for probabilities how far they can be taken at their word.
import { base, grid, legend, narrow, row, valueAxis } from "../base.js";
import { escapeHtml, percent } from "../format.js";
import { colors } from "../theme.js";

/** Bars of the mean share, with one dot a fold: dots far apart mean that the folds disagree. */
export function importance(data) {
  const c = colors();
  const order = data.features.map((_, i) => i).reverse();
  const folds = data.folds.length;
  return {
    ...base(),
    legend: folds > 1 ? legend(["Mean of the folds", "Each fold"], { itemHeight: 8, itemWidth: 12 }) : undefined,
    grid: grid({ top: folds > 1 ? 34 : 8, right: 24 }),
    xAxis: valueAxis((v) => percent(v, 0), { scale: false }),
    yAxis: {
      type: "category", data: order.map((i) => data.features[i]), axisTick: { show: false }, axisLine: { lineStyle: { color: c.line } },
      axisLabel: { color: c.ink, fontSize: 11, width: narrow() ? 96 : 220, overflow: "truncate" },
    },
    tooltip: {
      ...base().tooltip,
      axisPointer: { type: "shadow", shadowStyle: { color: c.grid, opacity: 0.5 } },
      formatter: (items) => {
        const i = order[items[0].dataIndex];
        const each = data.folds.map((fold, f) => row(c.accent, `Fold ${f + 1}`, percent(fold[i], 2)));
        return `<div style="margin-bottom:4px">${escapeHtml(data.features[i])}</div>` + row(c.own, "Mean share", percent(data.mean[i], 2)) + (folds > 1 ? each.join("") : "");
      },
    },
    series: [
      { name: "Mean of the folds", type: "bar", barMaxWidth: 14, data: order.map((i) => data.mean[i]), itemStyle: { color: c.own, borderRadius: [0, 2, 2, 0] } },
      ...(folds > 1 ? data.folds.map((fold) => ({
        name: "Each fold", type: "scatter", symbolSize: 7, data: order.map((i) => fold[i]),
        itemStyle: { color: c.accent, borderColor: c.panel, borderWidth: 1 },
      })) : []),
    ],
  };
}

export function sectors(data) {
  const c = colors();
  const order = data.names.map((_, i) => i).reverse();
  const bars = (name, values, color) => ({ name, type: "bar", barMaxWidth: 9, barGap: "30%", data: order.map((i) => values[i]), itemStyle: { color } });
  return {
    ...base(),
    legend: legend(["Portfolio", "Universe"], { itemHeight: 8, itemWidth: 12 }),
    grid: grid({ right: 24 }),
    xAxis: valueAxis((v) => percent(v, 0), { scale: false }),
    yAxis: {
      type: "category", data: order.map((i) => data.names[i]), axisTick: { show: false }, axisLine: { lineStyle: { color: c.line } },
      axisLabel: { color: c.ink, fontSize: 11, width: narrow() ? 96 : 220, overflow: "truncate" },
    },
    tooltip: { ...base().tooltip, axisPointer: { type: "shadow", shadowStyle: { color: c.grid, opacity: 0.5 } }, valueFormatter: (v) => percent(v, 1) },
    series: [bars("Universe", data.universe, c.other), bars("Portfolio", data.weights, c.own)],
  };
}

export function reliability(data) {
  const c = colors();
  const points = data.predicted.map((p, i) => [p, data.observed[i], data.count[i]]);
  const top = 1.05 * Math.max(...data.predicted, ...data.observed);
  const axis = (name) => valueAxis((v) => (v === top ? "" : percent(v, top < 0.1 ? 1 : 0)), {
    scale: false, min: 0, max: top, name, nameLocation: "middle", nameGap: name === "said" ? 28 : 42, nameTextStyle: { color: c.soft, fontSize: 11 },
  });
  return {
    ...base(),
    legend: legend(["What came", "A perfect forecaster"]),
    grid: grid({ bottom: 24, left: 24 }),
    xAxis: axis("said"),
    yAxis: axis("came"),
    tooltip: {
      ...base().tooltip, trigger: "item",
      formatter: (item) => row(c.own, "Said", percent(item.value[0], 2)) + row("transparent", "Came", percent(item.value[1], 2)) +
        row("transparent", "Samples", item.value[2].toLocaleString("en")),
    },
    series: [
      { name: "A perfect forecaster", type: "line", symbol: "none", silent: true, data: [[0, 0], [top, top]], lineStyle: { color: c.other, type: "dashed", width: 1.5 }, itemStyle: { color: c.other } },
      { name: "What came", type: "line", symbol: "circle", symbolSize: 8, data: points, lineStyle: { color: c.own, width: 2 }, itemStyle: { color: c.own } },
    ],
  };
}
