/**
 * `--moe-unit`, which all sizes inside the element are multiples of, is made known as a length: so `1em` in it is worked out
 * once, from the element's own type size, whatever the root of the host page says.
 */
export function registerUnit(view: Window | null): void {
  try {
    (view as (Window & typeof globalThis) | null)?.CSS.registerProperty({
      name: '--moe-unit',
      syntax: '<length>',
      inherits: true,
      initialValue: '16px',
    });
  } catch {
    // It is known already.
  }
}
