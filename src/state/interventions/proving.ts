import { beside, HELDOUT } from '../models/catalog.ts';
import type { Page } from '../session/page.ts';

export async function prove({ client, measuring, opened }: Page, domain: string): Promise<void> {
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
    onProgress(0, 1, 'measuring every domain, without and with them');
    const losses = await client.effectOnLoss(url, off, null, onProgress);
    return { domain, title: chosen.title, experts, losses, device };
  });
}
