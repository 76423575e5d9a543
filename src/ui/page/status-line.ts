/**
 * One line that is always there, so that nothing moves when something happens: what is being loaded, what went wrong and
 * the way out, or else what runs here and how it was checked.
 */
import { css, html, nothing } from 'lit';
import { customElement } from 'lit/decorators.js';
import { roughly, TimeLeft } from '../../state/models/time-left.ts';
import { newer, tellNewer } from '../../state/page/newer.ts';
import type { Way } from '../../state/session/faults.ts';
import { importing, leaving } from '../../state/session/later.ts';
import type { EngineState, Source } from '../../state/session/session-types.ts';
import { adapterWords, bytes, million } from '../kit/format.ts';
import { parts, say, type Word } from '../kit/more-words.ts';
import { controls, SessionElement } from '../kit/shared.ts';
import { modelWords } from './model-words.ts';

const WORDS: Record<Way, Word> = {
  write: 'write-live',
  retry: 'try-again',
  cpu: 'use-cpu',
  'other-model': 'open-default',
  dismiss: 'understood',
  without: 'go-without',
};

@customElement('status-line')
export class StatusLine extends SessionElement {
  private readonly timeLeft = new TimeLeft();

  static override styles = [
    controls,
    css`
      :host {
        display: flex;
        align-items: center;
        flex-wrap: wrap;
        gap: 0.15rem 1rem;
        min-height: 2rem;
        font-size: var(--size-2);
        color: var(--ink-2);
      }
      p {
        min-width: 0;
      }
      .ways {
        display: flex;
        gap: 0.9rem;
      }
      .fault {
        color: var(--fault);
        font-weight: 550;
      }
      .news {
        color: var(--ink);
        font-weight: 550;
      }
      .hint {
        color: var(--ink-2);
        font-weight: 400;
      }
      .loading {
        display: flex;
        align-items: center;
        flex-wrap: wrap;
        gap: 0.15rem 0.8rem;
      }
      .bytes {
        min-width: 9.5em;
      }
      .warning {
        color: var(--ink);
      }
      button.link {
        color: var(--ink);
      }
      /* Folded out it lies over the page: nothing moves. */
      details {
        position: relative;
      }
      details div {
        position: absolute;
        z-index: 4;
        left: -0.8rem;
        top: 100%;
        display: grid;
        gap: 0.2rem;
        width: max-content;
        max-width: min(34rem, 80cqw);
        padding: 0.6rem 0.8rem;
        border: 1px solid var(--rule-2);
        background: var(--paper);
      }
      summary {
        cursor: pointer;
        text-decoration: underline 1px var(--rule-2);
        text-underline-offset: 0.22em;
        list-style: none;
      }
      summary::-webkit-details-marker {
        display: none;
      }
      summary::after {
        content: ' ▾';
      }
      @media (max-width: 46rem) {
        :host {
          position: relative;
          min-height: 1.8rem;
          font-size: 0.8125rem;
        }
        details {
          position: static;
        }
        details div {
          inset-inline: 0;
          width: auto;
          max-width: none;
        }
        /* One line, as what comes after it; the finger's room about what can be pressed reaches over its neighbours. */
        .loading {
          flex: 1 1 0;
          flex-wrap: nowrap;
          min-width: 0;
        }
        .what {
          flex: 1;
          overflow: hidden;
          text-overflow: ellipsis;
          white-space: nowrap;
        }
        .bytes {
          display: none;
        }
        progress {
          flex: none;
          width: 4rem;
        }
        .loading button,
        summary {
          display: flex;
          align-items: center;
          gap: 0.3em;
        }
      }
      @media (pointer: coarse) {
        @media (max-width: 46rem) {
          .loading button,
          summary {
            margin-block: -0.6rem;
          }
        }
      }
    `,
  ];

  override render() {
    const { session } = this;
    const engine = session.engine.get();
    const notice = session.notice.get();
    const source = session.source.get();
    return html`
      <slot></slot>
      ${notice ? this.notice() : nothing}
      ${session.reading.get() ? this.reading() : nothing}
      ${
        engine.phase === 'loading'
          ? this.loading(engine)
          : source.kind === 'imported'
            ? this.imported(source)
            : notice
              ? nothing
              : this.summary(engine)
      }
      ${this.newer()}
    `;
  }

  private newer() {
    const state = newer.get();
    if (!state || this.session.stage.get().kiosk) return nothing;
    const take = async () => {
      const { takeNewer } = await import('../../offline/renew.ts');
      if (!(await takeNewer())) tellNewer('elsewhere');
    };
    const words =
      state === 'waits'
        ? 'A newer version of this page is here.'
        : 'A newer version of this page is here, but another tab still shows the old one: close it first.';
    return html`<p class="news" role="status" data-testid="newer">${words}</p>
      <button class="link" @click=${take} data-testid="take-newer">Take it</button>`;
  }

  private notice() {
    const notice = this.session.notice.get()!;
    return html`
      <p class=${notice.tone} role="alert" data-testid="notice">${notice.message}
        ${notice.hint ? html`<span class="hint">${notice.hint}</span>` : nothing}</p>
      <span class="ways">${notice.ways.map(
        (way) => html`<button class="link" @click=${() => this.go(way)}>${say(WORDS[way])}</button>`,
      )}</span>`;
  }

  private go(way: Way): void {
    const { session } = this;
    session.dismissNotice();
    // This press asks for what comes: it must not count as reading, for which the live text would wait.
    session.lastTouch = Number.NEGATIVE_INFINITY;
    if (way === 'write') void session.writing.write();
    else if (way === 'retry') void session.opening.retry();
    else if (way === 'cpu') void session.opening.retry('cpu');
    else if (way === 'without') void leaving().then(({ goWithout }) => goWithout(session));
    else if (way === 'other-model') void session.opening.openDefault();
  }

  private loading(engine: EngineState & { phase: 'loading' }) {
    const { title } = engine;
    const progress = engine.progress.get();
    const stage = progress?.stage ?? 'download';
    const done = progress?.done ?? 0;
    const total = progress?.total || (stage === 'download' ? engine.bytes : 0);
    const words = {
      device: say('looking-for-gpu'),
      'self-test': say('checking-kernels'),
      download: say('loading', { title }),
      upload: say('handing', { title }),
      compile: say('compiling'),
    }[stage];
    const counted = stage === 'download' || stage === 'upload';
    const count = counted
      ? say('of', { count: bytes(done), all: bytes(total) })
      : total > 1
        ? say('of', { count: done, all: total })
        : '';
    const left = stage === 'download' ? this.timeLeft.of(done, total) : null;
    return html`<div class="loading" role="status" data-testid="loading">
      <span class="what">${words}${this.session.writing.asked.get() ? say('then-written') : ''}</span>
      <progress max=${total || 1} .value=${total ? done : 0} aria-label=${words}></progress>
      <span class="bytes">${count}${left === null ? '' : say('time-left', { time: roughly(left) })}</span>
      <button class="link" @click=${() => this.session.opening.cancel()}>${say('cancel')}</button>
    </div>`;
  }

  private reading() {
    const { name, done } = this.session.reading.get()!;
    const cancel = () => void importing().then(({ cancelReading }) => cancelReading(this.session));
    return html`<div class="loading" role="status" data-testid="reading">
      <span class="what">${say('reading-file', { name: name.slice(0, 60) })}</span>
      <progress max="1" .value=${done.get()} aria-label=${say('reading-file', { name })}></progress>
      <button class="link" @click=${cancel} data-testid="cancel-reading">${say('cancel')}</button>
    </div>`;
  }

  private onCpu(reason: string | undefined) {
    const { noWebGpu } = this.session.opening;
    return html`<p class="warning" data-testid="fallback">${reason ?? noWebGpu ?? 'The CPU does the work.'}</p>
      ${noWebGpu ? nothing : html`<button class="link" @click=${() => this.session.opening.retry('auto')}>${say('try-webgpu')}</button>`}`;
  }

  private imported({ model, device, created, card }: Source & { kind: 'imported' }) {
    const { layers, experts, expertsPerToken } = this.session.shape.get();
    const shape = say('moe-shape', { layers, experts, k: expertsPerToken });
    const leave = () => void importing().then(({ leaveImport }) => leaveImport(this.session));
    return html`<p data-testid="status-imported">${say('from-file', { model, shape, device: device.name, date: created.slice(0, 10) })}${card ? ` ${modelWords(card)}` : ''}</p>
      <button class="link" @click=${leave} data-testid="leave-import">${say('back-to-text')}</button>`;
  }

  private summary(engine: EngineState) {
    const { session } = this;
    const source = session.source.get();
    if (session.place.device === 'recorded') return nothing;
    if (engine.phase === 'waiting') return html`<p>${say('no-model-yet')}</p>`;
    if (engine.phase !== 'ready') {
      return html`<p>${say('no-model')}</p><button class="link" @click=${() => session.opening.retry()}>${say('try-again')}</button>`;
    }
    const { model, warnings, selfTest, fallbackReason } = engine.opened;
    const info = source.kind === 'live' ? source.info : engine.opened.info;
    const kind =
      model.experts > 1
        ? say('moe-shape', { layers: model.layers, experts: model.experts, k: model.expertsPerToken })
        : say('dense-shape', { layers: model.layers });
    const failed = selfTest?.checks.filter((check) => !check.ok).length ?? 0;
    const narrow = session.place.narrow.get();
    const how = info.kind === 'cpu' ? this.onCpu(fallbackReason?.message) : nothing;
    return html`
      ${warnings.map((words) => html`<p class="fault" data-testid="warning">${words}</p>`)}
      ${failed ? html`<p class="fault" data-testid="kernels-failed">${say('kernels-failed', { count: failed, all: selfTest!.checks.length })}</p>` : nothing}
      ${narrow ? nothing : how}
      <details data-testid="facts"><summary>${say('what-runs')}</summary><div>
        ${narrow ? how : nothing}${info.fallback ? html`<p class="warning">${say('software-adapter')}</p>` : nothing}
        <p>${parts<unknown>('weights', { count: html`<span data-figure="weights">${million(model.parameters.total)}</span>`, shape: kind, bytes: bytes(model.bytes) })}</p>
        ${
          selfTest && info.kind === 'webgpu'
            ? html`<p data-testid="self-test">${say('kernels-checked', { count: selfTest.checks.length, adapter: adapterWords(info), time: Math.round(selfTest.milliseconds) })}</p>`
            : nothing
        }
        <p>${info.kind === 'cpu' ? say('on-cpu') : `WebGPU, ${info.name}${info.features.length ? `: ${info.features.join(', ')}` : ''}.`}</p>
      </div></details>
    `;
  }
}
