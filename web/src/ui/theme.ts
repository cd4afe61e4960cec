import { iconButton, setIcon } from "./dom";

const KEY = "utterface-theme";
type Theme = "light" | "dark";

const preferred = (): Theme => (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");

/** A page opened from disk may not be allowed to remember anything. */
function remembered(): Theme | null {
  try {
    return localStorage.getItem(KEY) as Theme | null;
  } catch {
    return null;
  }
}

export function currentTheme(): Theme {
  return document.documentElement.dataset.theme as Theme;
}

/** Follow the system until someone chooses. `onchange` runs after every change. */
export function themeButton(onchange: () => void): HTMLButtonElement {
  const apply = (theme: Theme) => {
    document.documentElement.dataset.theme = theme;
    const other = theme === "dark" ? "light" : "dark";
    setIcon(button, theme === "dark" ? "sun" : "moon", `Switch to the ${other} theme (T)`);
    onchange();
  };
  const button = iconButton("moon", "Theme", () => {
    const theme = currentTheme() === "dark" ? "light" : "dark";
    try {
      localStorage.setItem(KEY, theme);
    } catch {
      // then only for this visit
    }
    apply(theme);
  });
  document.documentElement.dataset.theme = remembered() ?? preferred();
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
    if (!remembered()) apply(preferred());
  });
  queueMicrotask(() => apply(currentTheme()));
  return button;
}

/** A colour of the style sheet by its name. */
export function colour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

/** The stops of the page's background, from the middle outwards. */
export function background(): string[] {
  return [colour("back-0"), colour("back-1"), colour("back-2")];
}
