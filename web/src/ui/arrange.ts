/** How many cells stand side by side, and how large the view in each is. Pixels. */
export interface Arrangement {
  columns: number;
  width: number;
  height: number;
  /** They do not fit, the page of cells scrolls. */
  scrolls: boolean;
}

export interface Space {
  width: number;
  height: number;
  /** Between cells. */
  gap: number;
  /** Height of the line under a view. */
  caption: number;
  /** Width of a head, with some air, in heights of the view. */
  slim: number;
}

const LEAST = 110; // height of a face below which lips cannot be read
const [NARROWEST, WIDEST] = [0.62, 1.3]; // width of a view in heights

/** The number of columns that makes the faces largest; in a view narrower than `slim` heights its width decides. */
export function arrange(count: number, { width, height, gap, caption, slim }: Space): Arrangement {
  const cellOf = (columns: number) => {
    const rows = Math.ceil(count / columns);
    const wide = (width - gap * (columns - 1)) / columns;
    const tall = (height - gap * (rows - 1)) / rows - caption;
    return { columns, wide, tall, face: Math.min(tall, wide / slim) };
  };
  let best = cellOf(1);
  for (let columns = 2; columns <= count; columns++) {
    const cell = cellOf(columns);
    if (cell.face > best.face + 0.5) best = cell;
  }
  const scrolls = best.face < LEAST;
  if (scrolls) {
    const columns = Math.max(Math.min(Math.floor((width + gap) / (slim * LEAST + gap)), count), 1);
    const wide = (width - gap * (columns - 1)) / columns;
    best = { columns, wide, tall: wide / slim, face: wide / slim };
  }
  return {
    columns: best.columns,
    width: Math.floor(Math.min(best.wide, WIDEST * best.tall)),
    height: Math.floor(Math.min(best.tall, best.wide / NARROWEST)),
    scrolls,
  };
}
