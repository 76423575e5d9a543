/** What the launcher (scripts/moe.mjs) knows about this machine and hands to the command. */
export interface Host {
  /** The repository: the local server serves its sources. */
  readonly root: string;
  /** Chromium, or null where there is none. */
  readonly browser: string | null;
  readonly browserArgs: readonly string[];
  /** Where text goes: stdout and stderr. */
  out(text: string): void;
  err(text: string): void;
  /**
   * Starts the command again in a process that has the software Vulkan driver, and returns its exit code; null where
   * this is that process already, or there is no such driver. (The Vulkan loader reads its environment only once.)
   */
  readonly restart: (() => Promise<number>) | null;
  /** Packages that may be missing; each is loaded when it is needed. */
  readonly load: {
    webgpu(): Promise<typeof import('webgpu')>;
    playwright(): Promise<typeof import('playwright-core')>;
    vite(): Promise<typeof import('vite')>;
  };
}
