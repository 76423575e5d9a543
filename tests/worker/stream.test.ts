import { afterEach, describe, expect, it } from 'vitest';
import { emptyBatch } from '../../src/engine/batch.ts';
import type { StreamTokens } from '../../src/worker/protocol.ts';
import { TokenStream } from '../../src/worker/stream.ts';

const SHAPE = { layers: 2, experts: 4, expertsPerToken: 2 };
const wait = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

function tokens(position: number, count: number): StreamTokens {
  const batch = emptyBatch(
    SHAPE,
    position,
    Uint32Array.from({ length: count }, (_, t) => position + t),
  );
  const texts = Array.from({ length: count }, (_, t) => `${position + t} `);
  return {
    type: 'tokens',
    run: 1,
    batch,
    texts,
    pending: `${position + count}`,
    candidateTexts: [],
    changes: [],
    milliseconds: 1,
  };
}

describe('TokenStream', () => {
  let channel: MessageChannel;
  function connect(acknowledge: boolean) {
    channel = new MessageChannel();
    const got: StreamTokens[] = [];
    channel.port2.onmessage = ({ data }) => {
      got.push(data);
      if (acknowledge) channel.port2.postMessage({ type: 'ack', run: data.run });
    };
    const stream = new TokenStream(channel.port1);
    stream.start(1, SHAPE);
    return { stream, got };
  }
  afterEach(() => {
    channel.port1.close();
    channel.port2.close();
  });

  it('brings every token once, in order, in fewer messages than were pushed', async () => {
    const { stream, got } = connect(true);
    for (let position = 0; position < 200; position++) await stream.push(tokens(position, 1));
    await stream.drain();
    await wait(20);
    expect(got.flatMap(({ batch }) => [...batch.tokens])).toEqual(Array.from({ length: 200 }, (_, i) => i));
    expect(got.flatMap(({ texts }) => texts).join('')).toBe(Array.from({ length: 200 }, (_, i) => `${i} `).join(''));
    expect(got[got.length - 1].pending).toBe('200');
    expect(got.length).toBeLessThan(100);
  });

  it('holds the engine back when the page stops acknowledging, and goes on when it does again', async () => {
    const { stream, got } = connect(false);
    let pushed = 0;
    const pushing = (async () => {
      for (let position = 0; position < 500; position++, pushed++) await stream.push(tokens(position, 1));
      await stream.drain();
    })();
    await wait(300);
    expect(pushed).toBeLessThan(200);
    channel.port2.onmessage = ({ data }) => {
      got.push(data);
      channel.port2.postMessage({ type: 'ack', run: 1 });
    };
    for (let i = 0; i < 3; i++) channel.port2.postMessage({ type: 'ack', run: 1 });
    await pushing;
    await wait(20);
    expect(got.reduce((sum, { batch }) => sum + batch.count, 0)).toBe(500);
  });
});
