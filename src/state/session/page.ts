/** What the parts of a page may ask of each other. Session puts them together; none of them knows it. */

import type { Limits } from '../../compare/limits.ts';
import type { Intervention } from '../../engine/interventions.ts';
import type { Fault } from '../../worker/protocol.ts';
import type { Proof, TwoRuns } from '../interventions/types.ts';
import type { Catalog } from '../models/model-list.ts';
import type { Comparison } from '../saves/comparison.ts';
import type { Measured, OnProgress } from '../saves/measure.ts';
import type { Begun } from '../text/begun.ts';
import type { Pace } from '../text/pace.ts';
import type { Standing, Way } from './faults.ts';
import type { PageStore } from './page-store.ts';
import type { Notice } from './session-types.ts';
import type { Readable } from './signals.ts';

export interface Page extends PageStore {
  readonly opening: {
    readonly standsOn: Standing;
    openLinked(list?: Promise<Catalog | Fault>): Promise<void>;
    openUrl(url: string, title: string, bytes: number): Promise<void>;
    openFiles(title: string, files: readonly File[]): Promise<void>;
    retry(): Promise<void>;
    revive(goesOn: boolean): Promise<void>;
  };
  readonly writing: {
    readonly asked: Readable<boolean>;
    ask(wanted?: boolean): boolean;
    readonly reading: Readable<boolean>;
    readonly begun: Begun;
    write(tokens?: number): Promise<void>;
    toggle(): Promise<void>;
    reset(): Promise<void>;
    halt(): Promise<void>;
    setPace(pace: Pace): void;
    showLive(): void;
    lose(): boolean;
    playRecording(): Promise<void>;
    giveWay(): () => void;
  };
  readonly betweenTexts: { takenOver: boolean; ended(): Promise<void> };
  readonly measuring: {
    readonly running: Readable<boolean>;
    readonly busy: Readable<boolean>;
    readonly proof: Measured<Proof>;
    readonly twoRuns: Measured<TwoRuns>;
    whenIdle(): Promise<void>;
    forget(): void;
    cancel(): void;
    measure<T>(into: Measured<T>, step: string, run: (onProgress: OnProgress) => Promise<T>): Promise<void>;
  };
  readonly comparing: {
    readonly run: Measured<Comparison>;
    readonly found: Readable<Comparison | null>;
    readonly limits: Readable<Limits | null>;
    readLimits(onProgress: OnProgress): Promise<void>;
    keep(found: Comparison): Comparison;
    brief(): Promise<void>;
    forget(): void;
  };
  readonly effects: { forget(): void };
  readonly pageLink: {
    readonly model: string | null;
    noSuchModel(): void;
    arrive(): Promise<void>;
  };

  tell(fault: Fault, tone?: Notice['tone'], ways?: readonly Way[]): void;
  fail(thrown: unknown): void;
  failWriting(thrown: unknown): void;
  contextFull(): void;
  emptyText(): void;
  touched(): void;
  setInterventions(wanted: readonly Intervention[]): Promise<boolean>;
}
