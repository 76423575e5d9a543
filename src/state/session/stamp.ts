/** Where and when something was measured. */
export interface Stamp {
  readonly browser: string;
  /** ISO 8601. */
  readonly date: string;
}

export const stamp = (): Stamp => ({ browser: browserName(), date: new Date().toISOString() });

/** The brand that the browser goes by, with its major version; as far as it says. */
export function browserName({ userAgent, userAgentData }: BrowserHints = navigator as BrowserHints): string {
  const brands = (userAgentData?.brands ?? []).filter(({ brand }) => !/not.?a.?brand/i.test(brand.replace(/\W/g, '.')));
  const own = brands.find(({ brand }) => brand !== 'Chromium') ?? brands[0];
  if (own) return `${own.brand} ${own.version}`;
  const found = userAgent.match(/(Firefox|Edg|OPR|Chrome|Version)\/(\d+)/);
  if (!found) return 'unknown browser';
  return `${{ Version: 'Safari', Edg: 'Edge', OPR: 'Opera' }[found[1]] ?? found[1]} ${found[2]}`;
}

interface BrowserHints {
  readonly userAgent: string;
  readonly userAgentData?: { readonly brands: readonly { readonly brand: string; readonly version: string }[] };
}
