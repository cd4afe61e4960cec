import type { Ensemble, Row } from "../ensemble";
import { SLIM, type Gallery } from "../gallery";
import { arrange } from "./arrange";
import { el, iconButton, setIcon } from "./dom";

const GAP = 10;
const CAPTION = 36;
const SMALL = 170; // width of a cell that has no room for all its buttons

interface Cell {
  row: Row;
  element: HTMLElement;
  view: HTMLElement;
  hear: HTMLButtonElement;
}

/** A cell for every face that is shown: a place for the gallery to draw it in, and its name. */
export class Cells {
  readonly element = el("div", { class: "faces" });
  private readonly made = new Map<Row, Cell>();
  private readonly none = el("p", { class: "none", hidden: true }, "Choose by name whom to watch.");
  private cells: Cell[] = [];
  private gallery: Gallery | undefined;
  private scrolls = false;

  constructor(private readonly ensemble: Ensemble) {
    for (const event of ["rows", "sentence"]) ensemble.addEventListener(event, () => this.fill());
    ensemble.addEventListener("hearing", () => this.mark());
    this.element.addEventListener("scroll", () => this.place(), { passive: true });
    new ResizeObserver(() => this.fit()).observe(this.element);
    this.fill();
  }

  connect(gallery: Gallery): void {
    this.gallery = gallery;
    this.fit();
  }

  private fill(): void {
    this.cells = this.ensemble.visible.map((row) => {
      if (!this.made.has(row)) this.made.set(row, this.build(row));
      return this.made.get(row)!;
    });
    this.none.hidden = this.cells.length > 0;
    this.element.replaceChildren(this.none, ...this.cells.map((cell) => cell.element));
    this.mark();
    this.fit();
  }

  private build(row: Row): Cell {
    const hear = iconButton("sound", "", () => {
      void this.ensemble.hear(this.ensemble.hearing === row.number ? null : row.number);
    });
    hear.classList.add("hear");
    const hide = iconButton("close", `Hide ${row.name}`, () => this.ensemble.show(row.number, false));
    hide.classList.add("hide");
    const view = el("div", { class: "view" }, hide);
    const caption = el("figcaption", {}, el("i", { class: "dot" }), el("span", { title: row.name }, row.name), hear);
    // The surface around takes hold of the pointer to turn the heads; buttons want their clicks.
    for (const own of [caption, hide]) own.addEventListener("pointerdown", (event) => event.stopPropagation());
    return { row, view, hear, element: el("figure", { class: "cell" }, view, caption) };
  }

  /** Colours, and who is heard. */
  private mark(): void {
    for (const { row, element, hear } of this.cells) {
      const heard = this.ensemble.hearing === row.number;
      element.style.setProperty("--dot", `var(--curve-${row.ink})`);
      element.classList.toggle("heard", heard);
      hear.hidden = !this.ensemble.data.waveforms.has(row.number);
      setIcon(hear, "sound", heard ? "Hear the recording again" : `Hear what this mesh says: ${row.name}`);
      hear.setAttribute("aria-pressed", String(heard));
    }
  }

  private fit(): void {
    const { clientWidth, clientHeight } = this.element;
    if (!clientWidth || !clientHeight) return;
    const { paddingLeft, paddingRight, paddingTop, paddingBottom } = getComputedStyle(this.element);
    const { columns, width, height, scrolls } = arrange(Math.max(this.cells.length, 1), {
      width: clientWidth - parseFloat(paddingLeft) - parseFloat(paddingRight),
      height: clientHeight - parseFloat(paddingTop) - parseFloat(paddingBottom),
      gap: GAP,
      caption: CAPTION,
      slim: SLIM,
    });
    this.scrolls = scrolls;
    this.element.classList.toggle("scrolls", scrolls);
    this.element.classList.toggle("small", width < SMALL);
    this.element.style.gridTemplateColumns = `repeat(${columns}, ${width}px)`;
    this.element.style.setProperty("--view-height", `${height}px`);
    this.place();
  }

  /** Tell the gallery where the views are now. */
  private place(): void {
    const from = this.element.getBoundingClientRect();
    const views = this.cells.map(({ row, view }) => {
      const { left, top, width, height } = view.getBoundingClientRect();
      return { face: row.face, left: left - from.left, top: top - from.top, width, height };
    });
    this.gallery?.place(views, this.scrolls);
  }
}
