import { expect, test } from "vitest";

import { arrange } from "../src/ui/arrange";

const gap = 10;
const caption = 36;
const place = (count: number, width: number, height: number) => arrange(count, { width, height, gap, caption, slim: 0.7 });

test.each([
  [1, 1168, 480],
  [2, 1168, 480],
  [6, 1168, 480],
  [7, 900, 700],
  [6, 359, 330],
  [12, 1500, 600],
  [30, 1168, 480],
])("%d cells fit into %d × %d", (count, width, height) => {
  const { columns, width: wide, height: tall, scrolls } = place(count, width, height);
  const rows = Math.ceil(count / columns);
  expect(scrolls).toBe(false);
  expect(columns * wide + (columns - 1) * gap).toBeLessThanOrEqual(width);
  expect(rows * (tall + caption) + (rows - 1) * gap).toBeLessThanOrEqual(height);
  expect(Math.min(tall, wide / 0.7)).toBeGreaterThanOrEqual(109);
});

test("a wide window has one row, a tall one has one column", () => {
  expect(place(4, 1600, 300).columns).toBe(4);
  expect(place(4, 300, 1600).columns).toBe(1);
});

test("where faces would get too small to see lips they keep their size, and the page of cells scrolls", () => {
  const { columns, width, height, scrolls } = place(30, 359, 300);
  expect(scrolls).toBe(true);
  expect(columns * width + (columns - 1) * gap).toBeLessThanOrEqual(359);
  expect(height).toBeGreaterThanOrEqual(109);
});

test("one face alone is no banner", () => {
  const { width, height } = place(1, 1600, 400);
  expect(width).toBeLessThan(1.5 * height);
});
