/** How this project stands beside the others, each ratio from contenders that were timed in turns. */
import { bySpeed, byTime } from '../bench/ratios.ts';
import type { Ratio } from '../bench/report.ts';
import type { PeerConfig, PeerModelRow, PeerRow } from './report.ts';

/** The quickest of those that ran. */
function best(rows: readonly PeerRow[], peers: readonly string[]): PeerRow | undefined {
  return rows
    .filter(({ peer, time }) => peers.includes(peer) && time)
    .sort((a, b) => a.time!.median - b.time!.median)[0];
}

export function peerRatios(configs: readonly PeerConfig[], models: readonly PeerModelRow[]): Ratio[] {
  const ratios: Ratio[] = [];
  const against = ({ id, rows }: PeerConfig, peers: readonly string[], atLeast: number | null) => {
    const mine = best(rows, ['ours']);
    const other = best(rows, peers);
    if (!mine?.time || !other?.time) return;
    const what = `${id}: ours against ${other.peer}`;
    ratios.push({ what, ...byTime(mine.time, other.time), atLeast, atMost: null });
  };
  for (const config of configs) {
    const alone = /-t1$/.test(config.id);
    if (config.id.startsWith('matmul')) {
      against(config, ['tfjs', 'ort'], config.id === 'matmul-128x1024x1024' ? 2 : 1);
      against(config, ['wgsl-naive', 'wgsl-vec4', 'wgsl-tiled'], null);
    } else {
      against(config, ['wgsl-naive'], alone ? 2 : 3);
      against(config, ['ort-qmoe4'], alone ? 20 : 3);
      against(config, ['ort-dense-active-q4'], alone ? null : config.id.startsWith('n-') ? 1.2 : 1);
      against(config, ['ort-dense-active'], null);
    }
  }
  const ours = models.find(({ peer }) => peer === 'ours');
  for (const other of models.filter(({ peer }) => peer !== 'ours')) {
    for (const what of ['decode', 'prefill'] as const) {
      const [mine, theirs] = [ours?.[what], other[what]];
      if (!mine || !theirs) continue;
      const ranOn = other.ranOn === 'webgpu' ? 'WebGPU' : 'WASM on the CPU';
      const atLeast = other.ranOn === 'webgpu' ? 2 : null;
      const whole = `model: ${what}, ours against wllama (${ranOn})`;
      ratios.push({ what: whole, ...bySpeed(mine, theirs), atLeast, atMost: null });
    }
  }
  return ratios;
}
