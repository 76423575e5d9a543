/** "Open a model": published ones, a file of this machine, an address; what each takes is said before anything is fetched. */
import { html, nothing } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import { partNames } from '../../model/parts.ts';
import { FILES, largestMatrix, needsOf, type PublishedFile } from '../../state/elsewhere/files.ts';
import { lookAt, nameIn, openUrl, readUrl } from '../../state/elsewhere/opening.ts';
import { importing } from '../../state/session/later.ts';
import type { Elsewhere, KeptCopy, MemoryTrial } from '../../worker/protocol.ts';
import { bytes as inBytes, million } from '../kit/format.ts';
import { controls, SessionElement } from '../kit/shared.ts';
import { shareStyles } from '../share/share-styles.ts';
import { openModelStyles } from './styles.ts';

/** What is known of an address that was asked about. */
type Asked =
  | { readonly state: 'asking'; readonly url: string }
  | { readonly state: 'known'; readonly url: string; readonly found: Elsewhere }
  | { readonly state: 'problem'; readonly words: string };

@customElement('open-model')
export class OpenModel extends SessionElement {
  /** An address that a link brought; it is asked about only when somebody says so. */
  @property() address = '';
  @state() private asked: Asked | null = null;
  @state() private kept: readonly KeptCopy[] = [];
  @state() private trial: MemoryTrial | null = null;
  /** What did not fit, by its address. */
  @state() private refused: ReadonlyMap<string, string> = new Map();
  @query('dialog') private dialog!: HTMLDialogElement;
  @query('input[type=file]') private chooser!: HTMLInputElement;
  @query('[data-testid=address]') private field!: HTMLInputElement;

  static override styles = [controls, shareStyles, openModelStyles];

  override firstUpdated(): void {
    this.dialog.showModal();
    void this.look();
  }

  /** What is kept, and what this GPU allows. */
  private async look(): Promise<void> {
    const { client } = this.session;
    this.kept = await client.kept().catch(() => []);
    this.trial = await client.tryMemory(0).catch(() => null);
  }

  override render() {
    const onCpu = this.session.opening.standsOn.onCpu;
    return html`<dialog aria-labelledby="title" data-testid="open-model" @close=${this.onClose} @click=${this.onBackdrop}>
      <header><h2 id="title">Open a model</h2><button class="link" @click=${this.close}>Close</button></header>
      <h3>From this machine</h3>
      <div class="row"><button @click=${() => this.chooser.click()} data-testid="choose-file">Choose a GGUF file…</button>
        <input type="file" accept=".gguf" multiple hidden aria-label="GGUF file" @change=${this.onFile} data-testid="model-file"></div>
      <p>Any size: it is read piece by piece; of a split model choose all files together. Or drop them on the page. They never leave this machine.</p>
      <h3>From an address</h3>
      <form class="row" @submit=${this.onAsk}>
        <input type="text" inputmode="url" aria-label="Address of a GGUF file" placeholder="https://…/model.gguf" .value=${this.address} data-testid="address">
        <button>Ask what it is</button>
      </form>
      <div role="status" data-testid="asked">${this.answer()}</div>
      ${this.kept.length ? html`<h3>Kept on this machine</h3><ul class="models" data-testid="kept">${this.kept.map((copy) => this.copy(copy))}</ul>` : nothing}
      <h3>Published mixtures of experts</h3>
      <p>4-bit files, with their own weights and routers. What a model takes of the GPU is computed: the file, keys and values of
        4,096 positions, and the values of a pass.${onCpu ? ' Here the CPU would do the work: every weight takes four bytes then, and it is slow.' : ''}</p>
      <ul class="models">${FILES.map((file) => this.row(file))}</ul>
      <p>Their addresses could not be tried from where this page was made; each was held against lists in public repositories. A
        file that is not there any more is said to be so, and nothing is lost.</p>
    </dialog>`;
  }

  private answer() {
    const { asked } = this;
    if (!asked) return nothing;
    if (asked.state === 'asking') return html`<p>Asking ${new URL(asked.url).host} …</p>`;
    if (asked.state === 'problem') return html`<p class="warning" role="alert">${asked.words}</p>`;
    const { url, found } = asked;
    const size = found.bytes === null ? 'a size that the server does not say' : inBytes(found.bytes);
    const parts = partNames(url);
    return html`<p><strong>${nameIn(url)}</strong>: ${size}${parts ? ` in ${parts.length} files` : ''}.${found.here > 0 ? ` ${inBytes(found.here)} of it are kept here.` : ''}</p>
      <div class="row">${this.fetchButton(url, found.bytes, found.here)}</div>`;
  }

  private fetchButton(url: string, size: number | null, here = 0) {
    const { host } = new URL(url);
    const left = size === null ? null : size - here;
    const words = left === 0 ? 'Open it' : `Fetch ${left === null ? 'it' : inBytes(left)} from ${host}`;
    return html`<button class="main" @click=${() => this.open(url, size ?? 0)} data-testid="fetch">${words}</button>`;
  }

  private row(file: PublishedFile) {
    const needs = needsOf(file);
    const { name, by, url, billions, licence, experts, missing } = file;
    const reason = missing ? `Not here yet: ${missing}.` : (this.refused.get(url) ?? this.against(file));
    const here = this.kept.find((copy) => copy.url === url)?.here ?? 0;
    return html`<li data-testid="published-file">
      <div><strong>${name}</strong> <span class="by">${by}, ${licence}</span>
        <p>${million(billions.total * 1e9)} weights, ${million(billions.active * 1e9)} for a token: ${experts[1]} of ${experts[0]} experts a layer.
          Takes ${inBytes(needs.all)} of the GPU: ${inBytes(needs.weights)} weights, ${inBytes(needs.cache)} keys and values, ${inBytes(needs.scratch)} passing values.
          ${reason ? html`<span class="warning">${reason}</span>` : nothing}</p></div>
      ${missing ? nothing : this.fetchButton(url, file.bytes, Math.min(here, file.bytes))}</li>`;
  }

  /** What the adapter’s limits change; null where they change nothing. */
  private against(file: PublishedFile): string | null {
    const { trial } = this;
    const largest = largestMatrix(file);
    if (!trial || largest <= trial.largestBuffer) return null;
    const [experts, expertsPerToken] = file.experts;
    const room = Math.floor((experts * trial.largestBuffer) / largest);
    const why = `a layer’s experts take about ${inBytes(largest)} a matrix together, and a kernel here may see ${inBytes(trial.largestBuffer)}`;
    if (room < expertsPerToken) return `Does not fit: ${why}.`;
    return `About ${room} of a layer’s ${experts} experts will be on the GPU at a time, the others come on demand: ${why}.`;
  }

  private copy({ url, bytes, here, date, parts }: KeptCopy) {
    // Of a part that was never asked for nobody knows the size.
    const all = parts && parts.here < parts.of ? null : bytes;
    const size =
      here === all
        ? inBytes(all)
        : all === null
          ? `${inBytes(here)} of ${parts!.of} files`
          : `${inBytes(here)} of ${inBytes(all)}`;
    return html`<li><div><strong>${nameIn(url)}</strong> <span class="by">${new URL(url).host}, opened ${date.slice(0, 10)}</span>
        <p>${size}</p></div>
      <div class="row">${this.fetchButton(url, all, here)}<button @click=${() => this.forget(url)} data-testid="forget">Delete</button></div></li>`;
  }

  private onAsk = async (event: Event): Promise<void> => {
    event.preventDefault();
    const read = readUrl(this.field.value);
    if ('problem' in read) {
      this.asked = { state: 'problem', words: read.problem };
      return;
    }
    const { url } = read;
    const mine: Asked = { state: 'asking', url: url.href };
    this.asked = mine;
    try {
      const found = await lookAt(this.session, url);
      if (this.asked === mine) this.asked = { state: 'known', url: url.href, found };
    } catch (thrown) {
      const { message, hint } = thrown as { message: string; hint: string };
      if (this.asked === mine) this.asked = { state: 'problem', words: `${message} ${hint}`.trim() };
    }
  };

  /** Once the GPU has given as much for a moment, or at the second press. While it is measured it is not asked: that would take its time. */
  private async open(url: string, size: number): Promise<void> {
    const file = FILES.find((each) => each.url === url);
    const wanted = file ? needsOf(file).all : size;
    if (this.trial && !this.refused.has(url) && !this.session.measuring.running.get()) {
      const { given } = await this.session.client.tryMemory(wanted).catch(() => ({ given: true }));
      // Closed meanwhile, or opened by a press before this one.
      if (!this.dialog.open) return;
      if (!given) {
        const words = `This GPU does not give ${inBytes(wanted)} now. Close what uses it, or press again to try all the same.`;
        this.refused = new Map([...this.refused, [url, words]]);
        if (!file) this.asked = { state: 'problem', words };
        return;
      }
    }
    this.close();
    openUrl(this.session, url, size);
  }

  private async forget(url: string): Promise<void> {
    await this.session.client.forget(url).catch(() => {});
    await this.look();
    const engine = this.session.engine.get();
    const open = engine.phase === 'ready' && engine.url !== null && (partNames(engine.url)?.[0] ?? engine.url) === url;
    if (!open) return;
    const stays = this.kept.some((copy) => copy.url === url);
    const words = stays
      ? 'This model is still being written into its copy, which therefore stays: delete it again in a moment.'
      : `This model is open and goes on; what it still needs of the file is fetched from ${new URL(url).host} again.`;
    this.asked = { state: 'problem', words };
  }

  private onFile = (): void => {
    const files = [...(this.chooser.files ?? [])];
    if (!files.length) return;
    this.close();
    void importing().then(({ openAny }) => openAny(this.session, files));
  };

  private close = (): void => this.dialog.close();

  private onBackdrop = (event: Event): void => {
    if (event.target === this.dialog) this.close();
  };

  private onClose = (): void => void this.dispatchEvent(new Event('leave'));
}

declare global {
  interface HTMLElementTagNameMap {
    'open-model': OpenModel;
  }
}
