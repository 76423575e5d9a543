declare module '*/chromium.mjs' {
  export function findChromium(): string | null;
  export const SOFTWARE_WEBGPU_ARGS: readonly string[];
  export function webgpuArgs(software?: boolean): readonly string[];
}
