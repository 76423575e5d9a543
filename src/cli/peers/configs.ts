/** What is timed side by side, and which contenders take part. */
import type { LayerShape } from '../bench/experts.ts';
import type { MatmulShape } from './contender.ts';

export type PeerJob =
  | { readonly kind: 'matmul'; readonly id: string; readonly shape: MatmulShape }
  | { readonly kind: 'layer'; readonly id: string; readonly shape: LayerShape };

export const MATMUL_PEERS = ['ours', 'wgsl-naive', 'wgsl-vec4', 'wgsl-tiled', 'tfjs', 'ort'] as const;
export const LAYER_PEERS = ['ours', 'wgsl-naive', 'ort-qmoe4', 'ort-dense-active-q4', 'ort-dense-active'] as const;

/** Every engine's product of the same matrices, and layers whose experts have the sizes that models have. */
const SOFTWARE: readonly PeerJob[] = [
  { kind: 'matmul', id: 'matmul-128x1024x1024', shape: { M: 128, K: 1024, N: 1024 } },
  { kind: 'layer', id: 's-t1', shape: { D: 256, E: 8, K: 2, H: 512, T: 1 } },
  { kind: 'layer', id: 'm-t1', shape: { D: 512, E: 16, K: 2, H: 1024, T: 1 } },
  { kind: 'layer', id: 'l-t1', shape: { D: 1024, E: 8, K: 2, H: 2048, T: 1 } },
  { kind: 'layer', id: 'x-t1', shape: { D: 256, E: 64, K: 8, H: 256, T: 1 } },
  { kind: 'layer', id: 's-t128', shape: { D: 256, E: 8, K: 2, H: 512, T: 128 } },
  { kind: 'layer', id: 'm-t128', shape: { D: 512, E: 16, K: 2, H: 1024, T: 128 } },
  { kind: 'layer', id: 'x-t128', shape: { D: 256, E: 64, K: 8, H: 256, T: 128 } },
  // Many small experts with a row or six each.
  { kind: 'layer', id: 'n-t24', shape: { D: 256, E: 96, K: 6, H: 224, T: 24 } },
  { kind: 'layer', id: 'n-t48', shape: { D: 256, E: 96, K: 6, H: 224, T: 48 } },
  { kind: 'layer', id: 'n-t96', shape: { D: 256, E: 96, K: 6, H: 224, T: 96 } },
];

/** Large enough that a GPU has something to do. */
const GPU: readonly PeerJob[] = [
  { kind: 'matmul', id: 'matmul-128x4096x4096', shape: { M: 128, K: 4096, N: 4096 } },
  { kind: 'layer', id: 'l32-t1', shape: { D: 1024, E: 32, K: 2, H: 1024, T: 1 } },
  { kind: 'layer', id: 'x64-t1', shape: { D: 1024, E: 64, K: 8, H: 512, T: 1 } },
  { kind: 'layer', id: 'l32-t128', shape: { D: 1024, E: 32, K: 2, H: 1024, T: 128 } },
  { kind: 'layer', id: 'x64-t128', shape: { D: 1024, E: 64, K: 8, H: 512, T: 128 } },
];

export const peerJobs = (software: boolean): readonly PeerJob[] => (software ? SOFTWARE : [...SOFTWARE, ...GPU]);

export const describeJob = ({ kind, shape }: PeerJob): string =>
  kind === 'matmul'
    ? `f32, ${shape.M} × ${shape.K} by ${shape.K} × ${shape.N}`
    : `MoE layer, T = ${shape.T}, D = ${shape.D}, E = ${shape.E}, K = ${shape.K}, H = ${shape.H}`;
