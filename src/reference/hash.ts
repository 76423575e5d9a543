/** 32 bits in, 32 well mixed bits out, the same on CPU and GPU: lowbias32 by Chris Wellons. */
export function hash(bits: number): number {
  let x = bits >>> 0;
  x = Math.imul(x ^ (x >>> 16), 0x21f0aaad) >>> 0;
  x = Math.imul(x ^ (x >>> 15), 0x735a2d97) >>> 0;
  return (x ^ (x >>> 15)) >>> 0;
}
