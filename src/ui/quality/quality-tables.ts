/** What was read and timed, as tables: every point, and every kind of text. */
import { html } from 'lit';
import { isBehind, mostTokens, readingOf, type Wanted } from '../../state/saves/quality-points.ts';
import type { Quality, QualityPoint, QualityReader, QualityReading } from '../../worker/protocol.ts';
import { bits, bytes, million, plusMinus, short, time } from '../kit/format.ts';
import { labelOf, nameOf } from './quality-words.ts';

/** Everything that was read beside the whole of the held-out text. */
export const textsOf = ({ pasted, domains }: QualityPoint): QualityReading[] => [
  ...(pasted ? [pasted] : []),
  ...domains,
];

export function pointTable(points: readonly QualityPoint[], wanted: Wanted) {
  const most = mostTokens(points);
  return html`<div class="wide" tabindex="0" role="region" aria-label="Every point"><table class="numbers" data-testid="quality-points">
    <thead><tr><th>model</th><th>bits per byte</th><th>nats per token</th><th>time per token, measured</th><th>first half, second half</th>
      <th>FLOPs per token, computed</th><th>weights read per token, computed</th><th>tokens seen</th></tr></thead>
    <tbody>${points.map((point) => {
      const { time: taken, flops, bytesRead, tokensSeen } = point;
      const reading = readingOf(point, wanted);
      const late = isBehind(tokensSeen, most);
      return html`<tr class=${late ? 'late' : ''}><th scope="row">${labelOf(point, most)}</th>
        <td>${reading ? bits(reading.bitsPerByte) : 'not read'}</td><td>${reading?.nats.toFixed(3) ?? 'not read'}</td>
        <td>${taken ? html`${time(taken.median)} <small>${plusMinus(taken.median, taken.spread)}</small>` : 'not timed'}</td>
        <td>${taken ? `${time(taken.firstHalf)}, ${time(taken.secondHalf)}` : 'not timed'}</td>
        <td>${short(flops)}</td><td>${bytes(bytesRead)}</td><td>${million(tokensSeen)}</td></tr>`;
    })}</tbody></table></div>`;
}

/** Whoever has read, whole or in part. */
interface Column {
  readonly name: string;
  readonly tokensSeen: number;
  readonly texts: readonly QualityReading[];
}

/** @param running whether the reader, if there is one, reads on. */
export function textTable({ points, reader }: Quality, running: boolean) {
  const most = mostTokens(reader ? [...points, reader] : points);
  const read = points.map((point) => ({
    name: labelOf(point, most),
    tokensSeen: point.tokensSeen,
    texts: [point.heldout, ...textsOf(point)],
  }));
  const columns: Column[] = reader ? [...read, readerColumn(reader, running)] : read;
  const isLate = ({ tokensSeen }: Column) => isBehind(tokensSeen, most);
  const rows = columns[0]?.texts ?? [];
  return html`<div class="wide" tabindex="0" role="region" aria-label="Bits per byte by kind of text"><table class="numbers" data-testid="quality-texts">
    <thead><tr><th>text</th>${columns.map(({ name }) => html`<th>${name}</th>`)}<th>tokens</th></tr></thead>
    <tbody>${rows.map(({ domain, title, tokens }) => {
      const losses = columns.map(({ texts }) => texts.find((each) => each.domain === domain)?.bitsPerByte ?? null);
      const least = Math.min(...losses.filter((loss, i) => loss !== null && !isLate(columns[i])).map(Number));
      return html`<tr data-domain=${domain}><th scope="row">${title}</th>${losses.map((loss, i) => {
        const look = loss === least ? 'best' : isLate(columns[i]) ? 'late' : '';
        return html`<td class=${look}>${loss === null ? 'not read' : bits(loss)}</td>`;
      })}<td>${tokens}</td></tr>`;
    })}</tbody></table></div>
    <p class="note">The least loss of the models that can be compared is bold.</p>`;
}

const readerColumn = (reader: QualityReader, running: boolean): Column => ({
  name: `${nameOf(reader)}, ${running ? 'reading' : 'not finished'}`,
  tokensSeen: reader.tokensSeen,
  texts: reader.domains,
});
