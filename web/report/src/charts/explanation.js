// What the model looks at: contributions beside the drop of the rank IC when a feature is shuffled; partial dependence.
import { base, grid, legend, narrow, row, valueAxis } from "../base.js";
import { escapeHtml, number, percent } from "../format.js";
import { colors } from "../theme.js";

// Rank correlations of value and contribution below this say neither that the score rises nor that it falls.
const clear = 0.3;

/** Horizontal lines from low to high: rows are [category index, low, high]. */
function spans(data, color, axis) {
  return {
    type: "custom", z: 5, silent: true, data, xAxisIndex: axis, yAxisIndex: axis, encode: { x: [1, 2], y: 0 },
    renderItem: (params, api) => {
      const low = api.coord([api.value(1), api.value(0)]);
      const high = api.coord([api.value(2), api.value(0)]);
      return { type: "line", shape: { x1: low[0], y1: low[1], x2: high[0], y2: high[1] }, style: { stroke: color, lineWidth: 1.5 } };
    },
  };
}

export function explanation(data) {
  const c = colors();
  const features = [...data.features].reverse();
  const rises = "Score rises with it", falls = "Score falls with it", neither = "Neither clearly";
  const direction = (f) => (f.relation === null || Math.abs(f.relation) < clear ? neither : f.relation > 0 ? rises : falls);
  const paint = { [rises]: c.own, [falls]: c.loss, [neither]: c.pale };
  const both = data.contributions && data.permutation;
  const names = narrow() ? 96 : 190;
  const labels = { color: c.ink, fontSize: 11, width: names, overflow: "truncate" };
  const axis = (i) => ({
    type: "category", gridIndex: i, data: features.map((f) => f.name), axisTick: { show: false },
    axisLine: { onZero: false, lineStyle: { color: c.line } }, axisLabel: i === 0 ? labels : { show: false },
  });
  const title = (i, text) => ({ name: text, nameLocation: "middle", nameGap: 24, nameTextStyle: { color: c.soft, fontSize: 11 }, gridIndex: i });
  const left = names + 12;
  const halves = [
    grid({ left, containLabel: false, right: "38%", bottom: 40 }),
    grid({ left: narrow() ? "70%" : "67%", containLabel: false, right: 16, bottom: 40 }),
  ];
  const whole = [grid({ left, containLabel: false, right: 16, bottom: 40 })];
  const dots = (values, i) => ({
    name: "Each fold", type: "scatter", symbolSize: 6, xAxisIndex: i, yAxisIndex: i, z: 6, data: values,
    itemStyle: { color: c.accent, borderColor: c.panel, borderWidth: 1 },
  });
  const each = (read) => features.flatMap((f, k) => read(f).map((v) => [v, k]));
  const second = both ? 1 : 0;
  // One series a direction, so that the legend names the colours.
  const sizes = [rises, falls, neither].map((name) => ({
    name, type: "bar", stack: "share", barMaxWidth: 14, itemStyle: { color: paint[name], borderRadius: [0, 2, 2, 0] },
    data: features.map((f) => (direction(f) === name ? f.share : null)),
  }));
  const drops = [
    { name: "Drop", type: "bar", barMaxWidth: 14, xAxisIndex: second, yAxisIndex: second, data: features.map((f) => f.drop), itemStyle: { color: c.other } },
    spans(features.flatMap((f, k) => (f.drop === null || f.deviation === null ? [] : [[k, f.drop - f.deviation, f.drop + f.deviation]])), c.ink, second),
    dots(each((f) => f.drops), second),
  ];
  const shown = [rises, falls, neither].filter((name) => features.some((f) => direction(f) === name));
  const shareAxis = valueAxis((v) => percent(v, 0), { scale: false, splitNumber: narrow() ? 2 : 3, ...title(0, narrow() ? "mean |SHAP|" : "share of mean |contribution|") });
  const dropAxis = valueAxis((v) => number(v, 3), { scale: false, splitNumber: narrow() ? 1 : 3, ...title(second, narrow() ? "IC drop" : "drop of rank IC, shuffled") });
  return {
    ...base(),
    legend: legend([...(data.contributions ? shown : []), "Each fold"], { itemHeight: 8, itemWidth: 12, itemGap: narrow() ? 8 : 18, textStyle: { color: c.ink, fontSize: narrow() ? 10 : 12 } }),
    grid: both ? halves : whole,
    xAxis: [...(data.contributions ? [shareAxis] : []), ...(data.permutation ? [dropAxis] : [])],
    yAxis: both ? [axis(0), axis(1)] : [axis(0)],
    tooltip: {
      ...base().tooltip,
      axisPointer: { type: "shadow", shadowStyle: { color: c.grid, opacity: 0.5 } },
      formatter: (items) => {
        const f = features[items[0].dataIndex];
        let html = `<div style="margin-bottom:4px">${escapeHtml(f.name)}</div>`;
        if (data.contributions) {
          html += row(paint[direction(f)], "Mean share", percent(f.share, 2)) + row("transparent", "Value and contribution, rank correlation", number(f.relation, 2));
          html += f.folds.map((v, k) => row(c.accent, `Fold ${k + 1}`, percent(v, 2))).join("");
        }
        return data.permutation && f.drop !== null ? html + row(c.other, "Drop of rank IC", number(f.drop, 4)) + row("transparent", "Deviation of the repeats", number(f.deviation, 4)) : html;
      },
    },
    series: [
      ...(data.contributions ? [...sizes, dots(each((f) => f.folds), 0)] : []),
      ...(data.permutation ? drops : []),
    ],
  };
}

/** Small multiples: one plot a feature, one line a fold. */
export function dependence(data) {
  const c = colors();
  const columns = narrow() ? 2 : 3;
  const rows = Math.ceil(data.length / columns);
  const room = 100 / columns;
  const height = 88 / rows;
  const place = (i) => ({ column: i % columns, row: Math.floor(i / columns) });
  const short = (v) => (Math.abs(v) >= 1000 || (v !== 0 && Math.abs(v) < 0.001) ? v.toExponential(0) : String(Number(v.toPrecision(2))));
  const longest = narrow() ? 18 : 34;
  const cut = (name) => (name.length > longest ? `${name.slice(0, longest - 1)}…` : name);
  const limit = Math.max(...data.flatMap((f) => f.folds.flat().map(([, y]) => Math.abs(y))), 1e-12);
  const lines = [c.own, c.accent, c.other, c.soft, c.loss];
  return {
    ...base(),
    grid: data.map((_, i) => ({
      left: `${place(i).column * room + (narrow() ? 11 : 5)}%`, width: `${room - (narrow() ? 14 : 8)}%`,
      top: `${place(i).row * (98 / rows) + 6}%`, height: `${height - 12}%`, bottom: 0,
    })),
    xAxis: data.map((_, i) => ({
      ...valueAxis(short, { gridIndex: i, splitNumber: 3, splitLine: { show: false }, axisLine: { show: true, onZero: false, lineStyle: { color: c.line } } }),
      axisLabel: { color: c.soft, fontSize: 10, formatter: short, hideOverlap: true },
    })),
    yAxis: data.map((f, i) => ({
      ...valueAxis(short, { gridIndex: i, interval: limit, min: -limit, max: limit, axisLine: { show: false, onZero: false } }),
      name: cut(f.name), nameGap: 8, nameTextStyle: { color: c.ink, fontSize: 11.5, align: "left" },
      axisLabel: { color: c.soft, fontSize: 10, formatter: short },
    })),
    tooltip: {
      ...base().tooltip, trigger: "item",
      formatter: ({ seriesName, seriesIndex, value, color }) => {
        const at = data[Math.floor(seriesIndex / data[0].folds.length)];
        return `<div style="margin-bottom:4px">${escapeHtml(at.name)} = ${number(value[0], 3)}</div>` + row(color, seriesName, number(value[1], 5));
      },
    },
    series: data.flatMap((f, i) => f.folds.map((points, k) => ({
      name: `Fold ${k + 1}`, type: "line", xAxisIndex: i, yAxisIndex: i, data: points, symbolSize: 4,
      lineStyle: { color: lines[k % lines.length], width: 1.75 }, itemStyle: { color: lines[k % lines.length] },
    }))),
  };
}
