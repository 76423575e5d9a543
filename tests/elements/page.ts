/** Single elements on an empty page, over a session whose engine only notes what it is asked. */
import '../../src/ui/page/palette.css';
import '../../src/ui/chart/dot-chart.ts';
import '../../src/ui/interventions/intervention-editor.ts';
import '../../src/ui/meter/cost-strip.ts';
import '../../src/ui/residency/expert-cache.ts';
import '../../src/ui/results/shared-results.ts';
import '../../src/ui/wall/expert-wall.ts';
import type { Intervention } from '../../src/engine/interventions.ts';
import type { EngineInfo } from '../../src/engine/types.ts';
import { OwnAddress } from '../../src/state/address/place.ts';
import { Appearance } from '../../src/state/page/theme.ts';
import { Session } from '../../src/state/session/session.ts';
import type { Client } from '../../src/state/worker/client.ts';
import type { Opened } from '../../src/worker/protocol.ts';
import { comparisonOf } from '../ui/comparisons.ts';

const LAYERS = 3;
const EXPERTS = 8;
const PER_TOKEN = 2;

export interface Stage {
  /** Of the element that stands there. */
  session: Session;
  /** Lists of interventions that the engine was given. */
  readonly given: (readonly Intervention[])[];
  comparisonOf: typeof comparisonOf;
  /** Puts an element there, with a model open on a device of this kind and so many tokens written; null: a recording plays. */
  mount(tag: string, kind: EngineInfo['kind'] | null, tokens: number): void;
  write(tokens: number): void;
}

function sessionOver(given: Stage['given']): Session {
  const client = {
    onMessage: () => {},
    onFailure: () => {},
    onSilence: () => {},
    setInterventions: async (list: readonly Intervention[]) => void given.push(list),
    residency: async () => null,
    hold: async () => {},
    cancelMeasurement: () => {},
  } as unknown as Client;
  const place = {
    appearance: new Appearance(false),
    address: new OwnAddress(
      () => location.href,
      () => {},
    ),
  };
  return new Session(client, { ...place, device: 'auto', narrow: { get: () => false }, guest: true, measures: true });
}

function openedOn(kind: EngineInfo['kind']): Opened {
  const shape = { layers: LAYERS, width: 64, experts: EXPERTS, expertsPerToken: PER_TOKEN, expertHidden: 32 };
  const model = {
    ...shape,
    name: 'a model',
    architecture: 'qwen3moe',
    bytes: 1000,
    vocabulary: 100,
    contextLength: 512,
  };
  return {
    info: { kind, name: 'a device', features: [], fallback: false },
    model: { ...model, parameters: { total: 1000, active: 400 } },
    ...{ chat: null, warnings: [], tuningKey: null, selfTest: null, fallbackReason: null },
    expertBytes: 1024,
  };
}

const stage: Stage = {
  session: sessionOver([]),
  given: [],
  comparisonOf,
  mount(tag, kind, tokens) {
    this.given.length = 0;
    const session = sessionOver(this.given);
    this.session = session;
    if (kind) {
      session.models.open(openedOn(kind), null, 'a model', null);
      session.emptyText();
    } else {
      const device = { kind: 'webgpu', name: 'another device', features: [], fallback: false } as const;
      const recorded = {
        kind: 'recorded',
        model: 'a model',
        device,
        created: '',
        architecture: '',
        sampling: null,
        card: null,
      } as const;
      session.shown.play(recorded);
      session.trace.clear({ layers: LAYERS, experts: EXPERTS, expertsPerToken: PER_TOKEN });
    }
    const element = Object.assign(document.createElement(tag), { session });
    document.body.replaceChildren(element);
    this.write(tokens);
  },
  /** Token t goes to experts t + l and, with a quarter of the weight, t + l + 1 of layer l. */
  write(count) {
    const { trace } = this.session;
    const cells = Array.from({ length: count * LAYERS }, (_, i) => trace.count + Math.floor(i / LAYERS) + (i % LAYERS));
    trace.append({
      ...{ position: trace.count, count, promptCount: 0, pending: '' },
      texts: Array.from({ length: count }, () => 'word '),
      ids: Array.from({ length: count }, () => 1),
      expertIds: cells.flatMap((first) => [first % EXPERTS, (first + 1) % EXPERTS]),
      gateWeights: cells.flatMap(() => [0.75, 0.25]),
      probabilities: null,
      candidates: Array.from({ length: count }, () => []),
    });
  },
};

(globalThis as unknown as { stage: Stage }).stage = stage;
