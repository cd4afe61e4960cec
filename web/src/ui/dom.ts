type Attributes = Record<string, string | number | boolean | EventListener>;

/** An element with attributes (`onclick` and its like become listeners) and children. */
export function el<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false) element.setAttribute(name, String(value));
  }
  element.append(...children);
  return element;
}

const ICONS = {
  play: "M8 5.2v13.6c0 .8.9 1.3 1.5.8l10-6.8c.6-.4.6-1.2 0-1.6l-10-6.8c-.6-.5-1.5 0-1.5.8z",
  pause: "M7 5h3.5v14H7zM13.5 5H17v14h-3.5z",
  sun: "M12 7.5a4.5 4.5 0 1 1 0 9 4.5 4.5 0 0 1 0-9zM11.2 2h1.6v3h-1.6zM11.2 19h1.6v3h-1.6zM2 11.2h3v1.6H2zM19 11.2h3v1.6h-3zM4.4 5.5l1.1-1.1 2.1 2.1-1.1 1.1zM16.4 17.5l1.1-1.1 2.1 2.1-1.1 1.1zM5.5 19.6l-1.1-1.1 2.1-2.1 1.1 1.1zM17.5 7.6l-1.1-1.1 2.1-2.1 1.1 1.1z",
  moon: "M20 14.5A8.3 8.3 0 0 1 9.5 4a8.3 8.3 0 1 0 10.5 10.5z",
  picture: "M9 4.5 7.6 6.5H4.5A1.5 1.5 0 0 0 3 8v10a1.5 1.5 0 0 0 1.5 1.5h15A1.5 1.5 0 0 0 21 18V8a1.5 1.5 0 0 0-1.5-1.5h-3.1L15 4.5zm3 4a4.3 4.3 0 1 1 0 8.6 4.3 4.3 0 0 1 0-8.6zm0 1.7a2.6 2.6 0 1 0 0 5.2 2.6 2.6 0 0 0 0-5.2z",
  sliders: "M4 6.2h9.2a2.8 2.8 0 0 1 5.4 0H20v1.6h-1.4a2.8 2.8 0 0 1-5.4 0H4zM4 16.2h1.4a2.8 2.8 0 0 1 5.4 0H20v1.6h-9.2a2.8 2.8 0 0 1-5.4 0H4z",
  plus: "M11.2 5h1.6v6.2H19v1.6h-6.2V19h-1.6v-6.2H5v-1.6h6.2z",
  minus: "M5 11.2h14v1.6H5z",
  back: "m14.6 5.2 1.2 1.2-5.6 5.6 5.6 5.6-1.2 1.2L7.8 12z",
  forth: "m9.4 5.2-1.2 1.2 5.6 5.6-5.6 5.6 1.2 1.2 6.8-6.8z",
  sound: "M4 9.3v5.4h3.4l4.8 4.1V5.2L7.4 9.3zM14.3 8.5a4.4 4.4 0 0 1 0 7zM14.3 4.9a7.6 7.6 0 0 1 0 14.2v-1.8a5.9 5.9 0 0 0 0-10.6z",
  close: "m6.3 5.2 5.7 5.7 5.7-5.7 1.1 1.1-5.7 5.7 5.7 5.7-1.1 1.1-5.7-5.7-5.7 5.7-1.1-1.1 5.7-5.7-5.7-5.7z",
} as const;

export type Icon = keyof typeof ICONS;

export function icon(name: Icon): SVGSVGElement {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", ICONS[name]);
  svg.append(path);
  return svg;
}

/** A round button with an icon; its name is read aloud and shown as a tip. */
export function iconButton(name: Icon, label: string, onclick: () => void): HTMLButtonElement {
  const button = el("button", { class: "icon", type: "button", "aria-label": label, title: label }, icon(name));
  button.addEventListener("click", (event) => {
    onclick();
    if (event.detail) button.blur(); // used by pointer: the space bar plays again
  });
  return button;
}

export function setIcon(button: HTMLElement, name: Icon, label: string): void {
  button.replaceChildren(icon(name));
  button.setAttribute("aria-label", label);
  button.title = label;
}
