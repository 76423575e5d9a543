import { css, html } from 'lit';
import { customElement } from 'lit/decorators.js';
import { controls, SessionElement } from './shared.ts';

@customElement('moe-article')
export class MoeArticle extends SessionElement {
  static override styles = [controls, css``];
  override render() {
    return html``;
  }
}
