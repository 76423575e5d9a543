export interface PublishedModel {
  readonly spec: {
    readonly V: number;
    readonly L: number;
    readonly dense: number;
    readonly K: number;
    readonly act: string;
  };
  readonly meta: readonly (readonly [key: string, kind: string, value: unknown])[];
  readonly tensors: readonly {
    readonly name: string;
    readonly ne: readonly number[];
    readonly type: number;
    readonly bytes: Uint8Array;
  }[];
}
export function build(
  name: string,
  options?: { type?: string; seed?: number; wide?: boolean; dequantised?: boolean; over?: object },
): PublishedModel;
/** By name. */
export const SPECS: Readonly<Record<string, object>>;
