import { beside, HELDOUT } from '../models/catalog.ts';
import { readsHeldout } from '../models/heldout.ts';
import type { Page } from '../session/page.ts';

/** Of a model that comes with the page; of any other it finds nothing out. */
export async function prove(page: Page, domain: string): Promise<void> {
  if (!readsHeldout(page)) return;
  const { client, measuring, opened } = page;
  const url = beside(HELDOUT);
  const device = opened.get()?.info.name ?? '';
  await measuring.measure(measuring.proof, 'routing the held-out text', async (onProgress) => {
    const loads = await client.domainLoads(url, onProgress);
    const chosen = loads.find((load) => load.domain === domain);
    if (!chosen) throw { code: 'bad-input', message: `There is no held-out text for “${domain}”.` };
    const busiest = chosen.load.map((shares, layer) => {
      const share = Math.max(...shares);
      return { layer, expert: shares.indexOf(share), share };
    });
    // A layer without a router has none to switch off.
    const experts = busiest.filter(({ share }) => share > 0);
    const off = experts.map(({ layer, expert }) => ({ kind: 'off' as const, layer, expert }));
    onProgress(0, 1, 'measuring every domain, without and with them');
    const losses = await client.effectOnLoss(url, off, null, onProgress);
    return { domain, title: chosen.title, experts, chance: 1 / loads[0].load[0].length, losses, device };
  });
}
