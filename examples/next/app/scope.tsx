'use client';
import 'moescope/react';
import { useState } from 'react';

export function Scope() {
  const [written, setWritten] = useState(0);
  return (
    <>
      <moe-scope variant="grid" seed={5} tokens={24} onmoe-step={({ detail }) => setWritten(detail.generated)}>
        A language model would write here, in a browser with JavaScript.
      </moe-scope>
      <output>{written}</output>
    </>
  );
}
