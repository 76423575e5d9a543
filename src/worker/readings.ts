/** Held-out text as the open model reads it: with its routers left alone (once for a model), and under interventions. */
import { chooseDomains, type Heldout, type Reading, readDomains, toLoads, toLosses } from '../compare/heldout.ts';
import type { DomainLoad, DomainLoss } from '../compare/types.ts';
import type { Intervention } from '../engine/interventions.ts';
import { type Engine, UserError } from '../engine/types.ts';
import { fetchHeldout } from './heldout.ts';

type OnCount = (done: number, total: number) => void;

export interface ReadingSite {
  /** One job at a time; a lost device is rebuilt and the job done again, once. */
  measure<T>(job: (signal: AbortSignal) => Promise<T>): Promise<T>;
  /** Does the job under these interventions, aside from the text. @throws UserError bad-input */
  intervened<T>(interventions: readonly Intervention[], job: (engine: Engine) => Promise<T>): Promise<T>;
}

const sequencesOf = ({ domains }: Heldout) => domains.reduce((sum, { ids }) => sum + ids.length, 0);

export class Readings {
  /** Without interventions, by URL and domain. */
  private readonly known = new Map<string, Reading>();

  constructor(private readonly site: ReadingSite) {}

  /** Of another model nothing holds. */
  clear(): void {
    this.known.clear();
  }

  domainLoads(url: string, onProgress: OnCount): Promise<DomainLoad[]> {
    return this.site.measure(async (signal) => {
      const heldout = await fetchHeldout(url, signal);
      return toLoads(await this.readFree(url, heldout, onProgress, signal));
    });
  }

  effectOnLoss(
    url: string,
    interventions: readonly Intervention[],
    domain: string | null,
    onProgress: OnCount,
  ): Promise<DomainLoss[]> {
    return this.site.measure(async (signal) => {
      if (interventions.some(({ kind }) => kind === 'frozen')) {
        const message = 'Frozen routing belongs to the text it came from: on held-out text it has no meaning.';
        throw new UserError('bad-input', message);
      }
      const heldout = chooseDomains(await fetchHeldout(url, signal), domain);
      const halfway = sequencesOf(this.unread(url, heldout));
      const total = halfway + sequencesOf(heldout);
      const before = await this.readFree(url, heldout, (done) => onProgress(done, total), signal);
      const report = (done: number) => onProgress(halfway + done, total);
      return toLosses(before, await this.read(heldout, interventions, report, signal));
    });
  }

  private unread(url: string, { domains }: Heldout): Heldout {
    return { domains: domains.filter(({ name }) => !this.known.has(`${url} ${name}`)) };
  }

  private async readFree(url: string, heldout: Heldout, onProgress: OnCount, signal: AbortSignal): Promise<Reading[]> {
    const fresh = await this.read(this.unread(url, heldout), [], onProgress, signal);
    for (const reading of fresh) this.known.set(`${url} ${reading.domain}`, reading);
    return heldout.domains.flatMap(({ name }) => this.known.get(`${url} ${name}`) ?? []);
  }

  private read(
    heldout: Heldout,
    interventions: readonly Intervention[],
    onProgress: OnCount,
    signal: AbortSignal,
  ): Promise<Reading[]> {
    return this.site.intervened(interventions, (engine) => readDomains(engine, heldout, onProgress, signal));
  }
}
