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
  front: "M12 3.5c3.9 0 6 2.8 6 7 0 4.9-2.8 10-6 10s-6-5.1-6-10c0-4.2 2.1-7 6-7zm0 1.8c-2.8 0-4.2 2-4.2 5.2 0 4.2 2.3 8.2 4.2 8.2s4.2-4 4.2-8.2c0-3.2-1.4-5.2-4.2-5.2zM9 10h1.6v1.8H9zM13.4 10H15v1.8h-1.6zM10 14.6h4v1.5h-4z",
  quarter: "M13 3.5c3.4 0 5.5 2.8 5.5 7 0 4.9-3.1 10-6.1 10-3.4 0-6.9-5.1-6.9-10 0-4.2 3.4-7 7.5-7zm-.2 1.8c-3.1 0-5.5 2-5.5 5.2 0 4.2 3 8.2 5.1 8.2 1.9 0 4.3-4 4.3-8.2 0-3.2-1.3-5.2-3.9-5.2zM11 10h1.5v1.8H11zM14.7 10h1.2v1.8h-1.2zM11.8 14.6h3.5v1.5h-3.5z",
  side: "M10.5 3.5c4.2 0 6.3 2.4 6.3 5.6 0 .8.2 1.3.7 2.1l1.5 2.5-1.7.6.1 2.6c.1 1.2-.6 1.8-1.8 1.8h-1.9v2h-1.8v-3.8h3.7l-.1-3.9 1-.4-.7-1.1c-.6-1-.8-1.6-.8-2.4 0-2.4-1.4-3.8-4.5-3.8-2.8 0-4.7 1.8-4.7 4.6 0 2 .9 3.3 2 4.5v6.3H6v-5.6c-1.2-1.3-2-3-2-5.2 0-3.8 2.7-6.4 6.5-6.4z",
  mouth: "M3.5 12c2.2-2.8 4.3-4.3 6-4.3 1 0 1.7.5 2.5.5s1.500-.5 2.500-.5c1.700 0 3.800 1.500 6 4.300-2.500 3.100-5.300 4.600-8.500 4.600S6 15.100 3.500 12zm2.500 0c1.800 1.900 3.800 2.800 6 2.800s4.200-.9 6-2.800c-1.500-.6-3.500-.9-6-.9s-4.500.3-6 .9z",
  record: "M12 4.500a7.500 7.500 0 1 1 0 15 7.500 7.500 0 0 1 0-15zm0 1.700a5.800 5.800 0 1 0 0 11.600 5.800 5.800 0 0 0 0-11.600zm0 2.600a3.200 3.200 0 1 1 0 6.400 3.200 3.200 0 0 1 0-6.400z",
  download: "M11.200 4h1.600v8.200l2.900-2.900 1.100 1.100-4.800 4.800-4.800-4.800 1.100-1.100 2.900 2.900zM5 18h14v1.600H5z",
  cube: "M12 3l8 4.500v9L12 21l-8-4.500v-9zm0 2L6.800 8l5.200 2.900L17.200 8zM5.700 9.500v6l5.400 3v-6zm12.600 0-5.400 3v6l5.400-3z",
  help: "M12 3.500a8.500 8.500 0 1 1 0 17 8.500 8.500 0 0 1 0-17zm0 1.700a6.800 6.800 0 1 0 0 13.600 6.800 6.800 0 0 0 0-13.600zm-.9 9.900h1.800v1.800h-1.800zM12 7c1.900 0 3.200 1.200 3.200 2.800 0 1.300-.7 2-1.500 2.600-.6.5-.9.8-.9 1.500h-1.600c0-1.500.8-2.200 1.500-2.700.6-.5.9-.8.9-1.400 0-.7-.6-1.200-1.600-1.200s-1.600.5-1.700 1.400L8.700 9.800C8.800 8.100 10.100 7 12 7z",
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

/** Hand a file to the user. */
export function download(file: Blob, name: string): void {
  const address = URL.createObjectURL(file);
  el("a", { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), 1000);
}

export function setIcon(button: HTMLElement, name: Icon, label: string): void {
  button.replaceChildren(icon(name));
  button.setAttribute("aria-label", label);
  button.title = label;
}
