declare module '*/chromium.mjs' {
  export function findChromium(): string | null;
  export const SOFTWARE_WEBGPU_ARGS: readonly string[];
  export const NOTHING_BESIDE_PAGES: string;
  export function webgpuArgs(software?: boolean): readonly string[];
  export function vulkanEnvironment(software?: boolean): Record<string, string>;
}

declare module '*/otherBrowsers.mjs' {
  export function findFirefox(): string | null;
  export function findWebKit(): { readonly driver: string; readonly screen: string; readonly browser: string } | null;
}
