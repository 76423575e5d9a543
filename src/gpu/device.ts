/** Makes a Gpu of a GPUDevice: the pipeline cache, explicit layouts, and compile errors a person can read. */
import { uploadBuffer } from './buffers.ts';
import { defaultTuning } from './tuning.ts';
import type { Gpu, KernelDescriptor, Tuning } from './types.ts';

export interface GpuOptions {
  /** The adapter is a software one (SwiftShader, lavapipe, WARP). */
  readonly software?: boolean;
  /** Overrides the choice that `software` makes. */
  readonly tuning?: Partial<Tuning>;
}

export function createGpu(device: GPUDevice, { software = false, tuning }: GpuOptions = {}): Gpu {
  const layouts = new Map<string, GPUPipelineLayout>();
  const modules = new Map<string, GPUShaderModule>();
  const pipelines = new Map<string, Promise<GPUComputePipeline>>();
  const constants = new Map<string, GPUBuffer>();

  function layout(bindings: KernelDescriptor['bindings']): GPUPipelineLayout {
    const key = bindings.join();
    let found = layouts.get(key);
    if (!found) {
      const entries = bindings.map((type, binding) => ({
        binding,
        visibility: GPUShaderStage.COMPUTE,
        buffer: { type },
      }));
      found = device.createPipelineLayout({ bindGroupLayouts: [device.createBindGroupLayout({ entries })] });
      layouts.set(key, found);
    }
    return found;
  }

  function shaderModule({ name, code: source, constants = {} }: KernelDescriptor): GPUShaderModule {
    const code = withConstants(source, constants);
    let found = modules.get(code);
    if (!found) {
      // Creating the pipeline reports what is wrong; without the scope it would be reported as uncaptured as well.
      device.pushErrorScope('validation');
      found = device.createShaderModule({ label: name, code });
      // A device that was lost has nothing to say here: whoever waits for it is told elsewhere.
      device.popErrorScope().catch(() => {});
      modules.set(code, found);
    }
    return found;
  }

  async function compile(kernel: KernelDescriptor): Promise<GPUComputePipeline> {
    const module = shaderModule(kernel);
    try {
      return await device.createComputePipelineAsync({
        label: kernel.name,
        layout: layout(kernel.bindings),
        compute: { module, entryPoint: 'main' },
      });
    } catch (error) {
      throw new Error(await explain(kernel.name, module, error));
    }
  }

  return {
    device,
    tuning: { ...defaultTuning(software, device.features), ...tuning },
    pipeline(kernel) {
      const key = JSON.stringify([kernel.code, kernel.constants, kernel.bindings]);
      let found = pipelines.get(key);
      if (!found) {
        found = compile(kernel);
        pipelines.set(key, found);
      }
      return found;
    },
    constants(words) {
      const key = words.join();
      let found = constants.get(key);
      if (!found) {
        found = uploadBuffer(device, 'constants', words, GPUBufferUsage.UNIFORM);
        constants.set(key, found);
      }
      return found;
    },
  };
}

/**
 * The code with its overrides written out as constants. Safari 26 reads `override` wrongly: an array in workgroup memory whose
 * length hangs on one has none, and what is written there is lost without a word (WebKit bugs 265895 and 299363).
 * One without any value stays as it is: the pipeline cannot be made if the kernel needs it.
 * @throws RangeError where a constant is given that the code does not know.
 */
export function withConstants(code: string, constants: Readonly<Record<string, number>>): string {
  const unknown = new Set(Object.keys(constants));
  const written = code.replace(
    /\boverride\s+(\w+)\s*(:\s*(\w+))?\s*(=[^;]+)?;/g,
    (declared, name, typed = '', type, standard) => {
      unknown.delete(name);
      const given = constants[name];
      if (given !== undefined) return `const ${name}${typed}=${type === 'bool' ? given !== 0 : given};`;
      return standard ? `const ${name}${typed}${standard};` : declared;
    },
  );
  if (unknown.size > 0) throw new RangeError(`The code knows no ${[...unknown].join(', ')}.`);
  return written;
}

/** One text that says which kernel failed and what the compiler said, with the line it stumbled over. */
async function explain(name: string, module: GPUShaderModule, error: unknown): Promise<string> {
  const { messages } = await module.getCompilationInfo();
  const said = messages.map(({ type, lineNum, linePos, message }) => `${type} at ${lineNum}:${linePos}: ${message}`);
  if (said.length === 0) said.push(error instanceof Error ? error.message : String(error));
  return `The kernel "${name}" did not compile.\n${said.join('\n')}`;
}
