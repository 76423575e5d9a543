/** The KV cache: how its values are kept. */
import f16 from '../../shaders/lib/cache_f16.wgsl?raw';
import f32 from '../../shaders/lib/cache_f32.wgsl?raw';

/** f16: half the memory, and each key and value rounded to 11 bits (clamped to ±65504). */
export type CacheFormat = 'f32' | 'f16';

/** Of one value. */
export const CACHE_BYTES: Readonly<Record<CacheFormat, number>> = { f32: 4, f16: 2 };

/** Source of pack_word(), word_value() and vector_values(). */
export const CACHE_SOURCES: Readonly<Record<CacheFormat, string>> = { f32, f16 };
