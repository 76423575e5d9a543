/** The browser's side of the comparison with other engines. */
import { findGpu } from '../../engine/webgpu/adapter.ts';
import { compareModels, searchFor } from './models.ts';
import { PEERS_MODEL } from './pageProtocol.ts';
import { comparePeers } from './run.ts';

const model = async () => new Uint8Array(await (await fetch(PEERS_MODEL)).arrayBuffer());

window.moePeers = {
  async adapter() {
    const { info, gpu } = await findGpu(navigator.gpu);
    gpu.device.destroy();
    return { name: info.name, software: info.fallback, features: info.features };
  },
  async search() {
    return searchFor(await model(), await findGpu(navigator.gpu));
  },
  compare: comparePeers,
  async models({ rounds, only, tuning }) {
    const found = await findGpu(navigator.gpu, () => tuning);
    return compareModels(await model(), found, rounds, (peer) => new RegExp(only).test(`model/${peer}`));
  },
};
