import { expect, test } from "vitest";

import { clockText, lines, spanAt, Timescale } from "../src/ui/timescale";

test("pixels and seconds are each other's inverse, at any zoom", () => {
  const scale = new Timescale(10, 500);
  for (const [factor, around] of [[1, 5], [3, 7.5], [4, 0], [0.2, 9]]) {
    scale.zoom(factor, around);
    for (const time of [scale.start, (scale.start + scale.end) / 2, scale.end]) {
      expect(scale.toTime(scale.toX(time))).toBeCloseTo(time, 9);
    }
  }
});

test("zooming keeps the moment under the pointer where it is", () => {
  const scale = new Timescale(60, 800);
  const before = scale.toX(22);
  scale.zoom(6, 22);
  expect(scale.toX(22)).toBeCloseTo(before, 6);
  expect(scale.span).toBeCloseTo(10);
});

test("neither zoom nor pan leaves the clip", () => {
  const scale = new Timescale(4, 100);
  scale.zoom(1e6, 4);
  expect(scale.span).toBeCloseTo(0.25);
  expect(scale.end).toBeLessThanOrEqual(4);
  scale.pan(-100);
  expect(scale.start).toBe(0);
  scale.zoom(1e-6, 2);
  expect([scale.start, scale.end]).toEqual([0, 4]);
});

test("following turns the page only when the moment has left it", () => {
  const scale = new Timescale(100, 100);
  scale.zoom(10, 0);
  expect(scale.follow(9.9)).toBe(false);
  expect(scale.follow(10.1)).toBe(true);
  expect(scale.start).toBeCloseTo(9.1);
});

test("the ruler has round ticks, at least the gap apart, all in view", () => {
  const scale = new Timescale(1234, 640);
  scale.zoom(17, 600);
  const ticks = scale.ticks(70);
  expect(ticks.length).toBeGreaterThan(1);
  expect(scale.toX(ticks[1]) - scale.toX(ticks[0])).toBeGreaterThanOrEqual(70);
  for (const tick of ticks) expect(tick % 10).toBeCloseTo(0);
});

test("times read like a clock and never round up past the truth", () => {
  expect(clockText(0, 2)).toBe("0:00.00");
  expect(clockText(59.999, 2)).toBe("0:59.99");
  expect(clockText(83.456)).toBe("1:23");
  expect(clockText(605.5, 1)).toBe("10:05.5");
});

test("a moment finds its span; gaps and ends have none", () => {
  const spans = [{ label: "a", start: 0.1, end: 0.2 }, { label: "b", start: 0.2, end: 0.5 }, { label: "c", start: 1, end: 2 }];
  expect([0.05, 0.1, 0.2, 0.7, 1.99, 2].map((time) => spanAt(spans, time))).toEqual([-1, 0, 1, -1, 2, -1]);
  expect(spanAt([], 1)).toBe(-1);
});

test("lines break at pauses and before they get long, and lose no word", () => {
  const words = Array.from({ length: 30 }, (_, i) => ({ label: "letters", start: i * 0.4 + (i > 9 ? 2 : 0), end: i * 0.4 + 0.35 + (i > 9 ? 2 : 0) }));
  const found = lines(words, 40);
  expect(found[0][0]).toBe(0);
  expect(found.at(-1)![1]).toBe(30);
  found.slice(1).forEach(([from], i) => expect(from).toBe(found[i][1]));
  expect(found.some(([from]) => from === 10)).toBe(true);
  for (const [from, to] of found) expect((to - from) * 8).toBeLessThanOrEqual(48);
});
