import { html, type TemplateResult } from 'lit';

const icon = (path: string): TemplateResult =>
  html`<svg class="icon" viewBox="0 0 12 12" aria-hidden="true"><path d=${path}></path></svg>`;

export const playIcon = icon('M2 1l9 5-9 5z');
export const pauseIcon = icon('M2 1h3v10H2zM7 1h3v10H7z');
export const stopIcon = icon('M1 1h10v10H1z');
export const resetIcon = icon('M1 6h2a3 3 0 1 0 1-2.2V6L0 3l4-3v1.8A5 5 0 1 1 1 6z');
export const stepIcon = icon('M1 1l7 5-7 5zM9 1h2v10H9z');
