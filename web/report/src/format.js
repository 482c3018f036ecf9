// Numbers as the page writes them: a true minus sign, a fixed number of digits, a dash for what is missing.

const withMinus = (text) => text.replace("-", "\u2212");

export function number(value, digits) {
  if (value === null || value === undefined || !Number.isFinite(value)) return "\u2013";
  const text = value.toFixed(digits);
  return withMinus(Number(text) === 0 ? text.replace("-", "") : text);
}

export const percent = (value, digits = 1) =>
  value === null || value === undefined ? "\u2013" : `${number(100 * value, digits)}%`;

export const basisPoints = (value, digits = 1) =>
  value === null || value === undefined ? "\u2013" : `${number(1e4 * value, digits)} bp`;

// Text that comes from the study (feature names, symbols) goes into tooltips through this.
export const escapeHtml = (text) =>
  String(text).replace(/[&<>"']/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" })[c]);
