// Draws the report's charts from the data in the page. Everything else is there without this script.
import { font } from "./base.js";
import { comparison } from "./charts/comparison.js";
import { equity } from "./charts/equity.js";
import { dependence, explanation } from "./charts/explanation.js";
import { factorCorrelations, factorDecay, factorGrowth, factorQuantiles, factorSlices, factorT } from "./charts/factors.js";
import { decay, information, informationByMonth } from "./charts/information.js";
import { intervalCoverage } from "./charts/interval_coverage.js";
import { monitorFeatures, monitorRankIc } from "./charts/monitor.js";
import { outcomeFan } from "./charts/outcomes.js";
import { regimes } from "./charts/regimes.js";
import { tailForecasts } from "./charts/risk.js";
import { rollingInformation } from "./charts/rolling_information.js";
import { importance, reliability, sectors } from "./charts/model.js";
import { quantileGrowth, quantileMeans } from "./charts/quantiles.js";
import { capacity, exposure } from "./charts/sources.js";
import { tuningCoordinates, tuningHistory, tuningImportance } from "./charts/tuning.js";
import { init } from "./echarts.js";
import { startFactorChoice } from "./factor_choice.js";
import { startTables } from "./tables.js";
import { colors, showTheme, startTheme } from "./theme.js";

// By the name that the page gives a chart: its function, and its member of the data where that is named otherwise.
const drawings = {
  comparison: { option: comparison },
  equity: { option: equity },
  regimes: { option: regimes },
  information: { option: information },
  "information-months": { option: informationByMonth },
  "rolling-information": { option: rollingInformation },
  "interval-coverage": { option: intervalCoverage },
  "outcome-fan": { option: outcomeFan },
  decay: { option: decay },
  "quantile-means": { option: quantileMeans, source: "quantiles" },
  "quantile-growth": { option: quantileGrowth, source: "quantiles" },
  "tail-forecasts": { option: tailForecasts },
  "monitor-features": { option: monitorFeatures },
  "monitor-rank-ic": { option: monitorRankIc },
  importance: { option: importance },
  explanation: { option: explanation },
  dependence: { option: dependence },
  sectors: { option: sectors },
  reliability: { option: reliability },
  exposure: { option: exposure },
  capacity: { option: capacity },
  "factor-t": { option: factorT },
  "factor-decay": { option: factorDecay, source: "factors" },
  "factor-quantiles": { option: factorQuantiles, source: "factors" },
  "factor-growth": { option: factorGrowth, source: "factors" },
  "factor-slices": { option: factorSlices, source: "factors" },
  "factor-correlations": { option: factorCorrelations },
  "tuning-history": { option: tuningHistory, source: "tuning" },
  "tuning-importance": { option: tuningImportance, source: "tuning" },
  "tuning-coordinates": { option: tuningCoordinates, source: "tuning" },
};
const data = JSON.parse(document.getElementById("report-data").textContent);
const charts = new Map();

/** Simulated data says so on every chart, so that a copied picture says it too. */
function stamp(option) {
  if (!data.banner) return option;
  const style = { text: data.banner, fill: colors().notice, fontSize: 10.5, fontFamily: font, textAlign: "right" };
  const raise = (grid) => ({ ...grid, bottom: grid.bottom + 18 });
  return {
    ...option,
    grid: Array.isArray(option.grid) ? option.grid.map(raise) : raise(option.grid),
    graphic: [{ type: "text", right: 12, bottom: 2, z: 100, silent: true, style }],
  };
}

function draw() {
  for (const element of document.querySelectorAll("[data-chart]")) {
    const name = element.dataset.chart;
    const { option, source = name } = drawings[name];
    if (!charts.has(name)) charts.set(name, init(element, null, { renderer: "canvas" }));
    charts.get(name).setOption(stamp(option(data[source])), { notMerge: true });
    element.dataset.drawn = "true";
  }
}

function resize() {
  for (const chart of charts.values()) chart.resize();
  draw();
}

startTheme(draw);
startTables();
startFactorChoice(data.factors, draw);
draw();
document.fonts.ready.then(draw);
let pending = 0;
window.addEventListener("resize", () => {
  window.clearTimeout(pending);
  pending = window.setTimeout(resize, 120);
});
// Paper is white: print in the light theme at the page's width, then go back.
let themeBeforePrint;
window.addEventListener("beforeprint", () => {
  themeBeforePrint = document.documentElement.dataset.theme;
  showTheme("light");
  resize();
});
window.addEventListener("afterprint", () => {
  showTheme(themeBeforePrint);
  resize();
});
