/** The vocabulary of the gpu floor: a device somebody else found, and dispatches that are built once and replayed. */

export interface Gpu {
  readonly device: GPUDevice;
  readonly tuning: Tuning;
  /** Compiles (once per source + constants) asynchronously; rejects with the shader's messages. */
  pipeline(descriptor: KernelDescriptor): Promise<GPUComputePipeline>;
  /** A uniform buffer with these words, made once; nobody writes or destroys it. */
  constants(words: Uint32Array): GPUBuffer;
}

/**
 * The choices that depend on the adapter (candidates: tuning.ts). Every value gives the same results up to rounding; all
 * are tested.
 */
export interface Tuning {
  /**
   * Invocations that share one output row: gemv, expert_up, expert_down, rms_norm, token_loss. 1 needs no barrier; more
   * make loads coalesce. A power of 2, ≤ 64.
   */
  readonly lanes: number;
  /**
   * What neighbours tell each other goes through workgroup memory, or through their subgroup, without a barrier; that
   * needs `subgroups`, of any size. Lanes tell their part of the sum, and are no more then than the adapter's smallest
   * subgroup has. With one lane there is no sum to share, but four neighbours read activations for each other.
   */
  readonly share: 'memory' | 'subgroup';
  /**
   * matmul, grouped_up, grouped_down. staged: tiles in workgroup memory, 4 × 8 products to an invocation. alone: every
   * invocation reads for itself, 16 × 8 products in registers. quads: the same, with four neighbours reading activations
   * for each other; needs `subgroups`, of any size.
   */
  readonly gemm: 'staged' | 'alone' | 'quads';
  /** attention: a workgroup to a head of a token, keys shared among its invocations, or one invocation alone. */
  readonly attention: 'shared' | 'alone';
  /** Of `plan`, `route` and `sample`; small where every barrier is dear. No search changes it: on a GPU small ones are slow. */
  readonly workgroups: 'full' | 'small';
  /** Longest pass, in tokens, that takes decode's kernels (GEMV); longer ones take prefill's (grouped GEMM). */
  readonly few: number;
}

export interface KernelDescriptor {
  /** The kernel's name, as its file in shaders/. */
  readonly name: string;
  /** WGSL, library snippets already joined in front. */
  readonly code: string;
  readonly constants?: Record<string, number>;
  /** One entry per binding of group 0, in order. */
  readonly bindings: readonly GPUBufferBindingType[];
}

/** A kernel ready to run: everything but the number of tokens was decided when it was planned. */
export interface Dispatch {
  readonly name: string;
  readonly pipeline: GPUComputePipeline;
  readonly bindGroup: GPUBindGroup;
  /** Workgroups for a pass of `tokens` tokens. */
  grid(tokens: number): readonly [number, number, number];
}
