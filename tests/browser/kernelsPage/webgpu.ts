/** The browser's WebGPU in the place of Node's. */
export const create = () => navigator.gpu;
export const globals = {};
