/** What crosses between the comparison with other engines and the page it drives. */
import type { Tuning } from '../../gpu/types.ts';
import type { PeerJob } from './configs.ts';
import type { PeerConfig, PeerModelRow, PeersReport } from './report.ts';
import type { PeerOptions } from './run.ts';

export const PEERS_MODEL = '/moe-peers-model';

declare global {
  interface Window {
    /** Set by the page when it is ready. */
    moePeers?: {
      adapter(): Promise<PeersReport['adapter']>;
      search(): Promise<Partial<Tuning>>;
      compare(job: PeerJob, options: PeerOptions): Promise<PeerConfig>;
      models(options: PeerOptions): Promise<PeerModelRow[]>;
    };
  }
}
