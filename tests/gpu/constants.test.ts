/** Constants of a kernel are written into its code: Safari reads `override` wrongly. */
import { describe, expect, it } from 'vitest';
import { createGpu, withConstants } from '../../src/gpu/device.ts';
import { CASES } from '../../src/kernels/selfTestCases.ts';
import { Inputs } from '../../src/kernels/selfTestInputs.ts';
import { device } from '../kernels/device.ts';

describe('the constants of a kernel', () => {
  it('take the place of overrides, each as its type is written, or its standard', () => {
    const code = [
      'override WIDTH: u32; // D',
      'override NORM: bool;',
      'override GROUPS: u32 = 1;',
      'override SCALE: f32 = 1.0;',
      'override UNUSED: u32;',
      'override SEARCHES = WIDTH * GROUPS;',
      'var<workgroup> sums: array<f32, WIDTH * GROUPS>;',
    ].join('\n');
    expect(withConstants(code, { WIDTH: 64, NORM: 0, SCALE: 1e-7 }).split('\n')).toEqual([
      'const WIDTH: u32=64; // D',
      'const NORM: bool=false;',
      'const GROUPS: u32= 1;',
      'const SCALE: f32=1e-7;',
      'override UNUSED: u32;',
      'const SEARCHES= WIDTH * GROUPS;',
      'var<workgroup> sums: array<f32, WIDTH * GROUPS>;',
    ]);
    // As the built page has it, without spaces.
    expect(withConstants('override WIDTH:u32;override SUM=WIDTH*2;', { WIDTH: 4 })).toBe(
      'const WIDTH:u32=4;const SUM=WIDTH*2;',
    );
    expect(() => withConstants(code, { WIDTH: 64, HEIGHT: 1, DEPTH: 2 })).toThrow(
      new RangeError('The code knows no HEIGHT, DEPTH.'),
    );
  });

  it('leave no override to the browser, in any kernel', async () => {
    const codes: string[] = [];
    // Nothing is compiled, which takes most of the time.
    const instead: Record<string, unknown> = {
      createShaderModule: ({ code }: GPUShaderModuleDescriptor) => codes.push(code),
      createComputePipelineAsync: async () => ({ getBindGroupLayout: () => ({}) }),
      createBindGroup: () => ({}),
    };
    const recorded = new Proxy(device, {
      get: (target, name: string) => {
        const value = instead[name] ?? Reflect.get(target, name);
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
    const gpu = createGpu(recorded, { software: true });
    const inputs = new Inputs(gpu);
    await Promise.all(Object.values(CASES).map((plan) => plan(gpu, inputs)));
    inputs.destroy();
    expect(codes.length).toBeGreaterThan(14);
    expect(codes.filter((code) => /^\s*override /m.test(code))).toEqual([]);
  });
});
