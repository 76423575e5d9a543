export function makeLib(lib: string): Promise<void>;
