// Which factor the page shows in detail, and the search in the ranking.
import { number } from "./format.js";

let place = 0;

/** The factor that the reader chose; the best one at first. */
export const chosenFactor = (data) => data.list[place];

const neutralNames = { sector: "within sectors", size: "without size", sector_and_size: "without sectors and size" };

/** One line about the chosen factor at the ranking's horizon. */
function describe(data) {
  const at = chosenFactor(data).horizons[data.primary];
  const parts = [`Rank IC ${number(at.ic, 4)} (t ${number(at.t, 2)})`];
  for (const [key, [mean, t]] of Object.entries(at.neutral)) parts.push(`${neutralNames[key]} ${number(mean, 4)} (t ${number(t, 2)})`);
  parts.push(`autocorrelation ${number(at.autocorrelation, 2)}`);
  return parts.join("; ");
}

function show(data, select) {
  const factor = chosenFactor(data);
  select.value = String(place);
  document.querySelector("#factor-expression code").textContent = factor.expression;
  document.getElementById("factor-note").textContent = (factor.summary ? `${factor.summary}. ` : "") + describe(data) + ".";
}

function startSearch(data) {
  const search = document.getElementById("factor-search");
  const found = document.getElementById("factor-found");
  const rows = [...document.querySelectorAll("#ranking tbody tr")];
  search.hidden = false;
  search.addEventListener("input", () => {
    const text = search.value.trim().toLowerCase();
    let shown = 0;
    for (const row of rows) {
      const factor = data.list[Number(row.querySelector(".pick").dataset.place)];
      row.hidden = !`${factor.name} ${factor.expression} ${factor.summary}`.toLowerCase().includes(text);
      shown += row.hidden ? 0 : 1;
    }
    found.textContent = text ? `${shown} of ${rows.length}` : "";
  });
}

/** Wires the page of judged factors; does nothing on other pages. Calls `changed` when another is chosen. */
export function startFactorChoice(data, changed) {
  const select = document.getElementById("factor-choice");
  if (!select || !data || data.list.length === 0) return;
  const choose = (chosen) => {
    place = chosen;
    show(data, select);
    changed();
  };
  select.addEventListener("change", () => choose(Number(select.value)));
  for (const link of document.querySelectorAll(".pick")) {
    link.addEventListener("click", () => choose(Number(link.dataset.place)));
  }
  show(data, select);
  startSearch(data);
}
