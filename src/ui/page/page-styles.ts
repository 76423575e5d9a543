import { css } from 'lit';

/** The page's layout: the first screen as a spread, one column on a phone. */
export const pageStyles = css`
  .screen {
    display: grid;
    grid-template-columns: minmax(20rem, 10fr) minmax(0, 14fr);
    /* Text and wall take what the others leave of the window, but never so little that they cannot be read. */
    grid-template-rows: auto auto auto clamp(26.5rem, max(100dvh - 28.5rem, min(31rem, 100dvh - 16rem)), 52rem) auto auto;
    grid-template-areas: 'head head' 'lede lede' 'status status' 'write see' 'cost cost' 'turn turn';
    max-width: 120rem;
    margin: 0 auto;
    padding: 0 2rem;
    /* How far into it something may reach. */
    --bleed: 1rem;
  }
  .skip {
    position: absolute;
    z-index: 6;
    left: 0.5rem;
    top: 0.5rem;
    background: var(--paper);
  }
  .skip:not(:focus) {
    clip-path: inset(50%);
    pointer-events: none;
  }
  page-header {
    grid-area: head;
    padding: 0.7rem 0 0.55rem;
    border-bottom: 1px solid var(--ink);
  }
  page-lede {
    grid-area: lede;
    display: block;
    padding-top: 0.5rem;
    /* Room for the longest of its sentences, so that nothing moves when it comes or changes. */
    min-height: 1.95rem;
  }
  @media (max-width: 110rem) {
    page-lede {
      min-height: 3.4rem;
    }
  }
  @media (max-width: 60rem) {
    page-lede {
      min-height: 4.9rem;
    }
  }
  @media (max-width: 30rem) {
    page-lede {
      padding-top: 0.3rem;
      min-height: 5.6rem;
    }
  }
  @media (max-height: 26rem) {
    page-lede {
      display: none;
    }
  }
  status-line {
    grid-area: status;
  }
  prompt-form {
    grid-area: turn;
    padding: 0.6rem 0 0.9rem;
    border-top: 1px solid var(--ink);
  }
  .write {
    grid-area: write;
    display: flex;
    flex-direction: column;
    gap: 0.6rem;
    min-height: 0;
    padding: 0.4rem 1.75rem 0.3rem 0;
    border-right: 1px solid var(--rule);
  }
  moe-text {
    flex: 1;
  }
  .see {
    grid-area: see;
    display: flex;
    flex-direction: column;
    min-height: 0;
    min-width: 0;
    padding: 0.35rem 0 0.3rem 1.75rem;
  }
  wall-words {
    padding-bottom: 0.5rem;
  }
  expert-wall {
    flex: 1 1 12rem;
  }
  moe-text,
  expert-wall,
  intervention-list,
  cost-strip {
    scroll-margin-top: 1.5rem;
  }
  intervention-list {
    flex: none;
    max-height: 4.2rem;
    overflow: hidden auto;
  }
  cost-strip {
    grid-area: cost;
    padding: 0.2rem 0 0.5rem;
    border-top: 1px solid var(--ink);
  }
  /* Until they are here, what comes after the first paint has its room already. */
  intervention-list:not(:defined) {
    min-height: 1.55rem;
  }
  status-line:not(:defined) {
    display: block;
    min-height: 2rem;
  }
  @media (pointer: coarse) {
    status-line:not(:defined) {
      min-height: var(--touch);
    }
  }
  wall-legend:not(:defined) {
    display: block;
    min-height: 2.45rem;
  }
  cost-strip:not(:defined) {
    min-height: 10.3rem;
  }
  prompt-form:not(:defined) {
    min-height: 11rem;
  }
  .drop {
    position: fixed;
    inset: 1rem;
    z-index: 5;
    display: grid;
    place-items: center;
    border: 2px dashed var(--ink);
    background: color-mix(in oklch, var(--paper) 88%, transparent);
    font: 500 var(--size-5) / 1.2 var(--text-face);
    pointer-events: none;
  }
  moe-article {
    border-top: 1px solid var(--ink);
  }
  .below {
    min-height: 60vh;
  }
  @media (min-width: 105rem) {
    .screen {
      padding: 0 3.5rem;
    }
  }
  @media (max-width: 60rem) {
    .screen {
      grid-template-columns: minmax(0, 1fr);
      grid-template-rows: none;
      grid-template-areas: 'head' 'lede' 'status' 'write' 'see' 'cost' 'turn';
      padding: 0 1.25rem;
    }
    .write {
      border-right: 0;
      padding-right: 0;
    }
    moe-text {
      flex: none;
      height: 17rem;
    }
    .see {
      padding-left: 0;
      margin-top: 1rem;
      padding-top: 1rem;
      border-top: 1px solid var(--rule);
    }
    expert-wall {
      flex: none;
      --wall-least: 18rem;
    }
  }
  @media (max-width: 46rem) {
    /* One column: the text, then at once the wall it lights; the prompt after both. */
    .screen {
      display: flex;
      flex-direction: column;
      padding: 0 1rem;
    }
    .write,
    .see {
      display: contents;
    }
    page-header {
      padding: 0.4rem 0;
    }
    /* Text and wall share what the others leave of the window. */
    moe-text {
      height: clamp(9.9rem, 9.9rem + (100dvh - 49.3rem) / 2, 15rem);
    }
    wall-words {
      padding: 0.3rem 0 0;
      border-top: 1px solid var(--rule);
    }
    expert-wall {
      --wall-least: clamp(11.1rem, 11.1rem + (100dvh - 49.3rem) / 2, 19rem);
    }
    cost-strip {
      order: 1;
    }
    prompt-form {
      order: 2;
      margin: 1.2rem 0;
    }
    status-line:not(:defined) {
      min-height: 1.8rem;
    }
    intervention-list:not(:defined) {
      min-height: 0;
    }
    cost-strip:not(:defined) {
      min-height: 23.4rem;
    }
    prompt-form:not(:defined) {
      min-height: 35.4rem;
    }
    .below {
      padding-bottom: 7rem;
    }
  }
  /* A page at twice its size, a phone on its side: text and meter beside the wall, the buttons at the foot. */
  @media (max-width: 60rem) and (min-width: 32rem) and (max-height: 30rem) {
    .screen {
      display: grid;
      grid-template: auto auto calc(100dvh - 11.8rem) auto auto / repeat(2, minmax(0, 1fr));
      grid-template-areas: 'head head' 'status status' 'write see' 'cost see' 'turn turn';
      column-gap: 1.5rem;
    }
    page-lede {
      display: none;
    }
    .write,
    .see {
      display: flex;
      margin: 0;
      padding: 0;
      border: 0;
    }
    moe-text {
      flex: 1;
      height: auto;
      min-height: 0;
    }
    expert-wall {
      --wall-least: max(6rem, 100dvh - 13.2rem);
    }
    wall-words {
      border: 0;
    }
  }
  /* The buttons stay in reach of the thumb. */
  @media (max-width: 46rem), (max-width: 60rem) and (min-width: 32rem) and (max-height: 30rem) {
    transport-bar {
      position: fixed;
      inset: auto 0 0 0;
      z-index: 3;
      padding: 0.4rem 1rem calc(0.4rem + env(safe-area-inset-bottom));
      background: var(--paper);
      border-top: 1px solid var(--rule-2);
    }
  }
`;
