"""python3 training/check_oracle.py MODEL CHECKPOINT.npz|random DATA_DIR OUT_DIR
Writes OUT_DIR/MODEL.{f32,dequantised,shipped}.gguf and, for check_oracle.mjs, our logits for each."""
import json
import pathlib
import sys

import numpy as np

from check_gradients import reference
from data import Corpus
from export_gguf import export, load_checkpoint
from model import CONFIGS, initial, quantised, views

TEXTS = ["Il était une fois, l'été de 1848 — «déjà»!", "function f(x) { return x?.y ?? 42; }\n\n\t// ok", "Tom has 25 apples. He's 3.",
         'Größe über alles 🦊  end ', 'ROMEO:\n  O, she doth teach the torches\r\n']


def main():
    name, checkpoint, data, out = sys.argv[1:]
    import torch
    c, corpus, out = CONFIGS[name], Corpus(data), pathlib.Path(out)
    flat, state = (initial(c, 1), {'tokens': 0}) if checkpoint == 'random' else load_checkpoint(checkpoint)
    if checkpoint == 'random':
        flat = flat + np.random.default_rng(5).standard_normal(flat.size).astype(np.float32) * np.float32(0.03)
    ids = np.concatenate([corpus.validation(d, 12, 1)[0][0] for d in ('french', 'code', 'math', 'story')])[None]
    for mode, weights in (('f32', flat), ('dequantised', quantised(c, flat)), (None, quantised(c, flat))):
        stem = out / f"{name}.{mode or 'shipped'}"
        export(c, flat, corpus.tokenizer, state['tokens'], f'{stem}.gguf', mode)
        with torch.no_grad():
            p = {k: torch.from_numpy(v.copy()) for k, v in views(c, weights).items()}
            logits = reference(c, p, torch.from_numpy(ids).long(), torch.from_numpy(ids).long())[2][0].numpy()
        texts = [{'text': t, 'ids': corpus.encode(t)} for t in TEXTS]
        pathlib.Path(f'{stem}.json').write_text(json.dumps({'ids': ids[0].tolist(), 'logits': logits.tolist(), 'texts': texts}))


if __name__ == '__main__':
    main()
