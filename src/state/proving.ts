/** The proof by switching off: a domain's busiest experts are taken out, and every domain is read without and with them. */
import type { DomainLoss } from '../worker/protocol.ts';
import { beside, HELDOUT } from './catalog.ts';
import type { Session } from './session.ts';

export interface Proof {
  readonly domain: string;
  readonly title: string;
  /** The expert of each layer that the domain used most, with its share of the domain's slots there. */
  readonly experts: readonly { readonly layer: number; readonly expert: number; readonly share: number }[];
  readonly losses: readonly DomainLoss[];
  readonly device: string;
}

export async function prove({ client, measuring, opened }: Session, domain: string): Promise<void> {
  const url = beside(HELDOUT);
  const device = opened.get()?.info.name ?? '';
  await measuring.measure(measuring.proof, 'routing the held-out text', async (onProgress) => {
    const loads = await client.domainLoads(url, onProgress);
    const chosen = loads.find((load) => load.domain === domain);
    if (!chosen) throw { code: 'bad-input', message: `There is no held-out text for “${domain}”.` };
    const experts = chosen.load.map((shares, layer) => {
      const expert = shares.indexOf(Math.max(...shares));
      return { layer, expert, share: shares[expert] };
    });
    const off = experts.map(({ layer, expert }) => ({ kind: 'off' as const, layer, expert }));
    measuring.proof.set({ state: 'running', step: 'measuring every domain, without and with them', done: 0, total: 1 });
    const losses = await client.effectOnLoss(url, off, null, onProgress);
    return { domain, title: chosen.title, experts, losses, device };
  });
}
