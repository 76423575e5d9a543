/** Numbers as the page prints them: no line ends between a figure and its unit. */
import { END_OF_TEXT, type EngineInfo } from '../../engine/types.ts';
import { say } from './words.ts';

/** What a measurement runs on; a processor that plays a GPU is not called one. */
export const adapterWords = (info?: EngineInfo): string => (info?.fallback ? 'this software adapter' : 'this GPU');

export function percent(share: number, digits = 0): string {
  return `${(share * 100).toFixed(digits)}\u00a0%`;
}

/** What a value may be off by, as a share of it: “± 4 %”. */
export function plusMinus(value: number, spread: number): string {
  const share = spread ? spread / Math.abs(value) : 0;
  return `±\u00a0${percent(share, share && share < 0.0995 ? 1 : 0)}`;
}

/** A gate weight or probability below one in two digits: 62 for 0.62. */
export function hundredths(share: number): string {
  return String(Math.round(share * 100));
}

export function bytes(count: number): string {
  if (count < 1000) return `${count}\u00a0B`;
  if (count < 1e6) return `${(count / 1e3).toFixed(count < 1e4 ? 1 : 0)}\u00a0kB`;
  if (count < 1e9) return `${(count / 1e6).toFixed(count < 1e8 ? 1 : 0)}\u00a0MB`;
  if (count < 1e12) return `${threeDigits(count / 1e9)}\u00a0GB`;
  return `${threeDigits(count / 1e12)}\u00a0TB`;
}

const threeDigits = (value: number): string => value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0);

/** 21.5 million, 340 thousand. */
export function million(count: number): string {
  if (count >= 1e12) return say('trillion', { count: threeDigits(count / 1e12) });
  if (count >= 1e9) return say('billion', { count: threeDigits(count / 1e9) });
  if (count >= 1e6) return say('million', { count: (count / 1e6).toFixed(1) });
  if (count >= 1e3) return say('thousand', { count: (count / 1e3).toFixed(0) });
  return String(count);
}

/** 1.57 M, 340 k. */
export function short(count: number): string {
  const units: [number, string][] = [
    [1e15, 'P'],
    [1e12, 'T'],
    [1e9, 'G'],
    [1e6, 'M'],
    [1e3, 'k'],
  ];
  const unit = units.find(([size]) => count >= size);
  if (!unit) return String(Math.round(count));
  return `${threeDigits(count / unit[0])}\u00a0${unit[1]}`;
}

/** Milliseconds, as microseconds when that reads better. */
export function time(milliseconds: number): string {
  if (milliseconds < 1) return `${(milliseconds * 1000).toFixed(milliseconds < 0.1 ? 1 : 0)}\u00a0µs`;
  if (milliseconds < 1000) return `${milliseconds.toFixed(milliseconds < 10 ? 2 : 1)}\u00a0ms`;
  return `${(milliseconds / 1000).toFixed(milliseconds < 10_000 ? 2 : 1)}\u00a0s`;
}

/** A token as it can be shown on one line: what is invisible gets a sign. */
export function visible(text: string): string {
  if (text === END_OF_TEXT) return 'end of text';
  if (text === '') return '(part of a character)';
  return text.replace(/\n/g, '↵').replace(/\t/g, '⇥').replace(/ /g, '·');
}

/** For a screen reader: no signs that it would spell out. */
export function spoken(text: string): string {
  if (text === END_OF_TEXT) return 'end of text';
  if (text === '') return 'part of a character';
  if (/^\n+$/.test(text)) return 'line break';
  return text.trim() === '' ? 'space' : text.trim();
}

export const bits = (bitsPerByte: number): string => bitsPerByte.toFixed(3);

/** “+0.12”, “−0.12”. */
export const signed = (change: number, digits: number): string =>
  `${change < 0 ? '−' : '+'}${Math.abs(change).toFixed(digits)}`;
