import biased from '../../shaders/lib/biased.wgsl?raw';
import geglu from '../../shaders/lib/geglu.wgsl?raw';
import reglu from '../../shaders/lib/reglu.wgsl?raw';
import swiglu from '../../shaders/lib/swiglu.wgsl?raw';
import clamped from '../../shaders/lib/swiglu_clamped.wgsl?raw';
import unbiased from '../../shaders/lib/unbiased.wgsl?raw';
import type { Activation } from '../reference/experts.ts';

const SOURCES: Readonly<Record<Activation, string>> = { swiglu, clamped, relu: reglu, gelu: geglu };

/** Source of activate(), with biases on gate and up or without. */
export const activationSource = (activation: Activation = 'swiglu', hasBiases = false): string =>
  `${SOURCES[activation]}\n${hasBiases ? biased : unbiased}`;
