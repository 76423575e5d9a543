import type { MoeScope } from 'moescope';
import 'moescope/react';
import { useRef, useState } from 'react';
import { createRoot } from 'react-dom/client';

function App() {
  const scope = useRef<MoeScope>(null);
  const [written, setWritten] = useState(0);
  const [seed, setSeed] = useState(5);
  return (
    <main>
      <moe-scope
        ref={scope}
        folder="/moescope/"
        variant="grid"
        seed={seed}
        tokens={24}
        onmoe-step={({ detail }) => setWritten(detail.generated)}
      />
      <output>{written}</output>
      <button onClick={() => scope.current?.play()}>Play</button>
      <button onClick={() => setSeed(seed + 1)}>Another seed</button>
    </main>
  );
}

createRoot(document.getElementById('root')!).render(<App />);
