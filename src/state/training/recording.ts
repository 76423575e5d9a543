/** A run of the painters that was recorded elsewhere: scripts/record-training.mjs. */
import type { Scale } from '../../train/race.ts';
import type { RunnerFacts } from '../../worker/trainingTurns.ts';
import { fetchJson } from '../models/catalog.ts';

export interface TrainingRecording {
  readonly device: string;
  readonly created: string;
  readonly seed: number;
  readonly experts: number;
  readonly scale: Scale;
  /** The MoE and its dense twin. */
  readonly runners: readonly Pick<RunnerFacts, 'parameters' | 'flopsPerStep'>[];
  readonly frames: readonly {
    readonly step: number;
    readonly decibels: readonly number[];
    /** Of each layer. */
    readonly dead: readonly number[];
  }[];
  /** Pictures as data URLs, a column a frame: above the MoE's painting, below the dense model's. */
  readonly paintings: string;
  /** Likewise: the territories of both layers. */
  readonly maps: string;
}

const FILE = 'recordings/training.json';

export async function fetchTraining(): Promise<TrainingRecording> {
  const recording = await fetchJson<Partial<TrainingRecording>>(FILE);
  const { frames, runners, scale, paintings, maps } = recording ?? {};
  const whole = frames?.length && runners?.length === 2 && scale?.size && paintings && maps;
  if (!whole) throw { code: 'network', message: `The file “${FILE}” is damaged.`, hint: '' };
  return recording as TrainingRecording;
}
