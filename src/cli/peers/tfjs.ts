/** TensorFlow.js on WebGPU: one matrix product in f32. */
import { type Contender, type MatmulData, PEERS_PATH } from './contender.ts';

interface TfTensor {
  data(): Promise<Float32Array>;
  dispose(): void;
}
interface Tf {
  setBackend(name: string): Promise<boolean>;
  getBackend(): string;
  env(): { set(flag: string, value: boolean): void };
  tensor2d(data: Float32Array, shape: readonly [number, number]): TfTensor;
  matMul(a: TfTensor, b: TfTensor): TfTensor;
}

async function script(path: string): Promise<void> {
  const element = document.createElement('script');
  element.src = PEERS_PATH + path;
  await new Promise((resolve, reject) => {
    element.onload = resolve;
    element.onerror = () => reject(new Error(`${path} does not load`));
    document.head.append(element);
  });
}

export async function tfjsMatmul({ shape: { M, K, N }, a, b }: MatmulData): Promise<Contender> {
  await script('@tensorflow/tfjs-core/dist/tf-core.min.js');
  await script('@tensorflow/tfjs-backend-webgpu/dist/tf-backend-webgpu.min.js');
  const { tf } = globalThis as unknown as { tf: Tf };
  if (!(await tf.setBackend('webgpu'))) throw new Error('its WebGPU backend does not start');
  // Or small shapes run on the CPU.
  tf.env().set('WEBGPU_CPU_FORWARD', false);
  const weight = tf.tensor2d(b, [K, N]);
  return {
    note: `backend ${tf.getBackend()}`,
    async run() {
      const input = tf.tensor2d(a, [M, K]);
      const product = tf.matMul(input, weight);
      const y = await product.data();
      input.dispose();
      product.dispose();
      return y;
    },
    destroy: () => weight.dispose(),
  };
}
