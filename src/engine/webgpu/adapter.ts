/** Finds a GPU and describes it truthfully. The gpu floor never looks for one; this is the one place that does. */
import { createGpu } from '../../gpu/device.ts';
import type { Gpu, Tuning } from '../../gpu/types.ts';
import { type EngineInfo, UserError } from '../types.ts';

/** Asked for where the adapter has them; everything runs without. */
const FEATURES: readonly GPUFeatureName[] = ['timestamp-query', 'subgroups'];
const LIMITS = ['maxBufferSize', 'maxStorageBufferBindingSize', 'maxComputeWorkgroupStorageSize'] as const;

export interface FoundGpu {
  readonly gpu: Gpu;
  readonly info: EngineInfo;
}

/** A device of an adapter that says who it is. */
export interface NamedGpu extends FoundGpu {
  /** All that the adapter says of itself: what was measured on one is remembered for it alone. */
  readonly id: string;
}

/**
 * A device with the largest buffers its adapter allows, and timestamps and subgroups where they exist.
 * @param api `navigator.gpu`, or Node's `create([])`; undefined where there is none.
 * @param tuned what is known to be quick on the adapter with this id.
 * @throws UserError no-webgpu, no-adapter
 */
export async function findGpu(
  api: GPU | undefined,
  tuned: (id: string, features: ReadonlySet<string>) => Partial<Tuning> = () => ({}),
): Promise<NamedGpu> {
  if (!api) {
    throw new UserError('no-webgpu', 'This browser does not offer WebGPU.', 'Chrome, Edge or Safari 26 and later do.');
  }
  const adapter = await api.requestAdapter({ powerPreference: 'high-performance' });
  if (!adapter) {
    throw new UserError(
      'no-adapter',
      'WebGPU is there, but it found no graphics adapter it may use.',
      'Turn on hardware acceleration in the browser’s settings, or update the graphics driver.',
    );
  }
  const requiredFeatures = FEATURES.filter((feature) => adapter.features.has(feature));
  const requiredLimits = Object.fromEntries(LIMITS.map((limit) => [limit, adapter.limits[limit]]));
  const device = await adapter.requestDevice({ requiredFeatures, requiredLimits });
  const info = describe(adapter);
  const { vendor, architecture, device: model, description } = infoOf(adapter);
  const id = [vendor, architecture, model, description].join('|');
  return { gpu: createGpu(device, { software: info.fallback, tuning: tuned(id, device.features) }), info, id };
}

/** Chrome before 127 has no `info`. */
const infoOf = (adapter: GPUAdapter) => adapter.info ?? ({} as GPUAdapterInfo);

/** In the order in which their words are to be looked for: a browser also wears those of the ones after it. */
const BROWSERS: readonly (readonly [string, RegExp])[] = [
  ['Firefox', /(Firefox|FxiOS)\//],
  ['Edge', /Edg(A|iOS)?\//],
  ['Chrome', /(Chrome|CriOS)\//],
  ['Safari', /Safari\//],
];

/** Firefox says nothing of the adapter: at least it is told whose it is. */
function nameless(): string {
  const words = globalThis.navigator?.userAgent ?? '';
  const [browser] = BROWSERS.find(([, pattern]) => pattern.test(words)) ?? [];
  return browser ? `${browser} adapter` : 'unnamed adapter';
}

/** WARP is what Windows has without a driver: the "Microsoft Basic Render Driver". */
const SOFTWARE = /swiftshader|llvmpipe|lavapipe|softpipe|basic render|\bwarp\b/i;

/** Browsers say it of the adapter's info, and said it of the adapter before. */
function describe(adapter: GPUAdapter): EngineInfo {
  const { vendor, architecture, device, description, isFallbackAdapter } = infoOf(adapter);
  const software =
    (isFallbackAdapter ?? (adapter as { isFallbackAdapter?: boolean }).isFallbackAdapter ?? false) ||
    SOFTWARE.test(`${architecture} ${device} ${description}`);
  const parts = description ? [description] : [vendor, architecture, device];
  return {
    kind: 'webgpu',
    name: parts.filter(Boolean).join(' ') || nameless(),
    fallback: software,
    features: [...adapter.features].sort(),
  };
}
