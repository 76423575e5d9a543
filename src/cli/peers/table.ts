/** The comparison as a person reads it. */
import { columns, duration, exponent, ratioTable, spread } from '../bench/table.ts';
import type { PeerConfig, PeersReport } from './report.ts';

function config({ id, what, rows }: PeerConfig): string {
  const cells = rows.map(({ peer, time, error, note }) => [
    peer,
    time ? duration(time.median) : error === null ? 'failed' : 'WRONG',
    time ? spread(time) : '',
    time ? String(time.samples) : '',
    exponent(error),
    note,
  ]);
  return `${id}: ${what}\n${columns([['', 'time', '±', 'n', 'error', ''], ...cells])}`;
}

export function peersTable(report: PeersReport): string {
  const { adapter, host, versions, configs, model } = report;
  const parts = [
    `${adapter.name} · ${host.version} · ${host.platform} · ${report.date}`,
    Object.entries(versions)
      .map(([name, version]) => `${name} ${version}`)
      .join(', '),
    'Each time is one call, from values in memory to values in memory: upload, compute, read back. Medians ± half the interquartile range; contenders take turns.',
  ];
  if (adapter.software) {
    parts.push(
      'A software adapter: it is a CPU that plays GPU. Only WebGPU beside WebGPU means something here, and nothing of it about a GPU.',
    );
  }
  parts.push(...configs.map(config));
  if (model) {
    const rows = model.rows.map(({ peer, ranOn, prefill, decode, note }) => [
      peer,
      ranOn,
      decode ? decode.median.toFixed(1) : 'failed',
      decode ? spread(decode) : '',
      prefill ? prefill.median.toFixed(1) : '',
      prefill ? spread(prefill) : '',
      decode ? String(decode.samples) : '',
      note,
    ]);
    const head = ['', 'ran on', 'decode tok/s', '±', 'prefill tok/s', '±', 'n', ''];
    parts.push(`The shipped model: ${model.what}\n${columns([head, ...rows])}`);
  }
  if (report.ratios.length > 0) parts.push(ratioTable(report.ratios));
  return `${parts.join('\n\n')}\n`;
}
