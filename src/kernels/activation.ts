import reglu from '../../shaders/lib/reglu.wgsl?raw';
import swiglu from '../../shaders/lib/swiglu.wgsl?raw';
import clamped from '../../shaders/lib/swiglu_clamped.wgsl?raw';
import type { Activation } from '../reference/experts.ts';

const SOURCES: Readonly<Record<Activation, string>> = { swiglu, clamped, relu: reglu };

/** Source of swiglu(gate, up). */
export const activationSource = (activation: Activation = 'swiglu'): string => SOURCES[activation];
