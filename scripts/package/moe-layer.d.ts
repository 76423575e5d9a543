/** One MoE layer on its own, with the kernels of moescope; a test holds it against src/engine/webgpu/moeLayer.ts. */

/** value = (code − 8) · scale, a scale to 32 neighbouring columns. */
interface Q4Matrix {
  readonly codes: Uint8Array;
  readonly scales: Float32Array;
}

export interface MoeLayerOptions {
  readonly D: number;
  readonly E: number;
  readonly K: number;
  readonly H: number;
  /** Tokens of every run. */
  readonly T: number;
  /** Row by row, outputs × inputs. Where q4 is there and exact in f16 it is what runs; else the f32 matrices do. */
  readonly weights: {
    /** [E, D] */
    readonly router: Float32Array;
    /** [E, H, D] */
    readonly gate: Float32Array;
    /** [E, H, D] */
    readonly up: Float32Array;
    /** [E, D, H] */
    readonly down: Float32Array;
    readonly q4?: { readonly block: number; readonly gate: Q4Matrix; readonly up: Q4Matrix; readonly down: Q4Matrix };
  };
  /** A WebGPU, where there is no `navigator.gpu`; typed where the types of WebGPU are there. */
  readonly api?: Navigator extends { readonly gpu: infer Gpu } ? Gpu : object;
}

export interface MoeLayer {
  /** x, y: [T, D]. One run at a time: upload, compute, read back. */
  run(x: Float32Array): Promise<Float32Array>;
  destroy(): void;
  readonly note: string;
}

/** logits = x·routerᵀ; the K largest, softmax over them; y = Σ p_e · down_e(silu(gate_e·x) · up_e·x). */
export declare function createMoeLayer(options: MoeLayerOptions): Promise<MoeLayer>;
