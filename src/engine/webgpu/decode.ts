/** Writing: flights of decode steps, two in the air while no expert is missing. */
import { sliceBatch } from '../batch.ts';
import type { TraceBatch } from '../types.ts';
import { type Flight, land, launch } from './flights.ts';
import { FLIGHT, FLIGHTS, type Ready } from './lanes.ts';
import { type Site, supply, wantedBy } from './passes.ts';
import { type Stop, stopOf } from './readback.ts';

/** A submit should take about a frame: text comes evenly, and a cancel is obeyed at once. */
const FLIGHT_MILLISECONDS = 14;

export interface Start {
  /** Drawn, but not run: it goes in first. */
  readonly token: number;
  readonly position: number;
  /** Tokens to draw, at most. */
  readonly limit: number;
  readonly ends: ReadonlySet<number>;
  readonly signal?: AbortSignal;
  /** The lane of the next flight. */
  ready(): Promise<Ready>;
}

/** A step that lacks an expert, and where its record stands. */
interface Waiting extends Stop {
  readonly flight: Flight;
  readonly wanted: readonly number[];
}

/** Keeps up to FLIGHTS submits in the air and yields them as they land. */
export async function* decode(site: Site, start: Start): AsyncIterable<TraceBatch> {
  const { config, gpu, residency } = site;
  const { limit, ends, signal } = start;
  const inAir: Flight[] = [];
  let [next, position] = [start.token, start.position];
  let [scheduled, launched, steps] = [0, 0, 1];
  let landed = performance.now();
  let waiting: Waiting | null = null;
  try {
    while (!ends.has(next) && !signal?.aborted) {
      if (waiting) {
        inAir.push(await goOn(site, waiting));
        scheduled++;
        landed = performance.now();
        waiting = null;
      } else {
        while (inAir.length < FLIGHTS && scheduled < limit) {
          const count = Math.min(steps, limit - scheduled);
          const place = launched % FLIGHTS;
          inAir.push(launch(gpu.device, config, await start.ready(), { place, first: place * FLIGHT, steps: count }));
          scheduled += count;
          launched++;
        }
      }
      const flight = inAir.shift();
      if (!flight) return;
      const words = await site.arrival(flight.words);
      const whole = land(words, config, flight, { token: next, position });
      const stop = stopOf(words);
      const done = stop ? stop.step - flight.first : flight.steps;
      const now = performance.now();
      steps = Math.max(1, Math.min(FLIGHT, Math.floor((FLIGHT_MILLISECONDS * flight.steps) / (now - landed))));
      landed = now;
      if (stop) {
        // Those behind it saw that the pass had stopped, and did nothing.
        await Promise.all(inAir.map((each) => site.arrival(each.words)));
        scheduled -= inAir.reduce((sum, each) => sum + each.steps, flight.steps - done);
        inAir.length = 0;
        steps = 1;
        waiting = { ...stop, flight, wanted: wantedBy(whole, config, done, stop.layer) };
        if (done === 0) continue;
      }
      const ran = stop ? sliceBatch(config, whole, 0, done) : whole;
      // By now somebody reads: time to compile what a longer prompt will need.
      flight.lane.pass.many().catch(() => {});
      const end = ran.tokens.findIndex((id) => ends.has(id));
      const kept = end < 0 ? ran : sliceBatch(config, ran, 0, end);
      residency?.note(kept, false);
      next = kept.sampled[kept.count - 1];
      position += kept.count;
      yield kept;
    }
  } finally {
    // What is still in the air ran past the end: the cache keeps it, its length forgets it.
    await Promise.allSettled(inAir.map((flight) => flight.words));
  }
}

/** The step that lacked an expert, from that layer on. */
async function goOn(site: Site, { flight, step, layer, wanted }: Waiting): Promise<Flight> {
  const { few } = flight.lane.pass;
  // A guess that fails costs nothing: what is wanted will be asked for.
  const guessing = foresee(site, flight, layer + 1).catch(() => {});
  const supplied = supply(site, flight, { dispatches: few, count: 1, layer, wanted });
  // Nothing may be written into the cache behind a failure.
  const [body] = await Promise.all([supplied, guessing]).finally(() => guessing);
  return launch(site.gpu.device, site.config, flight, { place: flight.place, first: step, steps: 1, body });
}

/** Brings what the next layer is likely to want, while what this one wants is on its way. */
async function foresee({ foresight, residency, lanes, config, arrival }: Site, flight: Flight, layer: number) {
  if (!foresight || !residency || layer === config.layers) return;
  const guessed = await arrival(foresight.guess(flight.lane, layer));
  await residency.bringGuessed(layer, guessed).finally(() => lanes.tell(flight, layer));
}
