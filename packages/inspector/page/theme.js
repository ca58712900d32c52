// Light or dark: as the system is set, until the reader chooses.

/** @typedef {"system" | "light" | "dark"} Theme */

const key = "trunkline-inspector-theme";

/** @type {readonly Theme[]} */
const themes = ["system", "light", "dark"];

/**
 * The theme that was chosen last, put on the page.
 *
 * @returns {Theme}
 */
export function storedTheme() {
  const stored = themes.find((theme) => theme === localStorage.getItem(key)) ?? "system";
  wear(stored);
  return stored;
}

/**
 * The next theme, put on the page and remembered.
 *
 * @param {Theme} theme
 * @returns {Theme}
 */
export function nextTheme(theme) {
  const next = themes[(themes.indexOf(theme) + 1) % themes.length] ?? "system";
  localStorage.setItem(key, next);
  wear(next);
  return next;
}

/** @param {Theme} theme */
function wear(theme) {
  if (theme === "system") delete document.documentElement.dataset["theme"];
  else document.documentElement.dataset["theme"] = theme;
}
