// Light and dark: the system's choice until the reader makes one. The colours live in report.css alone.

const key = "orrery-report-theme";
const dark = window.matchMedia("(prefers-color-scheme: dark)");

function remembered() {
  try {
    return window.localStorage.getItem(key);
  } catch {
    return null;
  }
}

export function currentTheme() {
  const chosen = document.documentElement.dataset.theme;
  return chosen === "dark" || chosen === "light" ? chosen : dark.matches ? "dark" : "light";
}

/** The one list of dark colours: report.css has it under the system's choice. */
const darkRule = [...document.styleSheets].flatMap((sheet) => [...sheet.cssRules])
  .find((rule) => rule.media && rule.media.mediaText.includes("prefers-color-scheme"));
const systemChoice = darkRule.media.mediaText;

/** Shows "dark", "light" or, with nothing, what the system says. */
export function showTheme(theme) {
  if (theme) document.documentElement.dataset.theme = theme;
  else delete document.documentElement.dataset.theme;
  darkRule.media.mediaText = theme === "dark" ? "screen" : theme === "light" ? "not all" : systemChoice;
}

function choose(theme) {
  showTheme(theme);
  try {
    window.localStorage.setItem(key, theme);
  } catch {
    // A page opened from a file may have no storage; the choice then lasts as long as the page.
  }
}

/** Reads `#dark`, `#light` or the remembered choice, and wires the button. Calls `changed` on every change. */
export function startTheme(changed) {
  const hash = window.location.hash.slice(1);
  const initial = hash === "dark" || hash === "light" ? hash : remembered();
  if (initial === "dark" || initial === "light") showTheme(initial);
  const button = document.getElementById("theme-toggle");
  const label = () => {
    button.textContent = currentTheme() === "dark" ? "Light" : "Dark";
    button.setAttribute("aria-label", `Switch to the ${currentTheme() === "dark" ? "light" : "dark"} theme`);
  };
  button.hidden = false;
  button.addEventListener("click", () => {
    choose(currentTheme() === "dark" ? "light" : "dark");
    label();
    changed();
  });
  dark.addEventListener("change", () => {
    label();
    changed();
  });
  label();
}

/** Returns the colours of the current theme by the names of report.css. */
export function colors() {
  const style = getComputedStyle(document.documentElement);
  const read = (name) => style.getPropertyValue(`--${name}`).trim();
  return {
    ink: read("ink"), soft: read("ink-soft"), line: read("line"), grid: read("grid"), panel: read("panel"),
    own: read("own"), other: read("other"), loss: read("loss"), gain: read("gain"), accent: read("accent"),
    pale: read("pale"), notice: read("notice"), quantiles: [1, 2, 3, 4, 5].map((i) => read(`quantile-${i}`)),
  };
}
