import swiglu from '../../shaders/lib/swiglu.wgsl?raw';
import clamped from '../../shaders/lib/swiglu_clamped.wgsl?raw';
import type { Activation } from '../reference/experts.ts';

/** Source of swiglu(gate, up). */
export const activationSource = (activation: Activation = 'swiglu'): string =>
  activation === 'clamped' ? clamped : swiglu;
