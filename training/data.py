"""Token streams by domain, and batches that depend on (seed, step) alone: every model sees the same ones."""
import json
import pathlib
import subprocess

import numpy as np

DOMAINS = {
    'story': 'Children\'s stories', 'prose': 'English novels', 'verse': 'English verse and drama', 'code': 'TypeScript and JavaScript',
    'math': 'Word problems', 'french': 'French novels', 'german': 'German novels', 'spanish': 'Spanish novels',
}


class Corpus:
    def __init__(self, folder, seed=7):
        self.folder, self.seed = pathlib.Path(folder), seed
        self.tokenizer = json.loads((self.folder / 'tokenizer.json').read_text())
        self.train = {d: np.memmap(self.folder / f'{d}.train.bin', np.uint16, 'r') for d in DOMAINS}
        self.val = {d: np.fromfile(self.folder / f'{d}.val.bin', np.uint16) for d in DOMAINS}
        self.token_bytes = np.array([len(t) for t in self.tokenizer['tokens']])  # one character stands for one byte
        self.token_bytes[self.tokenizer['end']] = 0
        self.orders = {}

    def window(self, domain, length, k):
        """The k-th training window of length+1 tokens; each pass over a domain has its own shuffled order."""
        stream = self.train[domain]
        count = (len(stream) - 1) // length
        epoch, i = divmod(k, count)
        key = (domain, length)
        if self.orders.get(key, (None,))[0] != epoch:
            rng = np.random.default_rng([self.seed, list(DOMAINS).index(domain), length, epoch])
            self.orders[key] = epoch, rng.permutation(count)
        at = int(self.orders[key][1][i]) * length
        return stream[at:at + length + 1]

    def batch(self, step, tokens, length):
        """ids and targets [B, length] with the same number of sequences of every domain, interleaved."""
        each = tokens // length // len(DOMAINS)
        rows = np.stack([self.window(d, length, step * each + j) for j in range(each) for d in DOMAINS]).astype(np.int32)
        return rows[:, :-1], rows[:, 1:]

    def pools(self, step, sequences):
        return np.random.default_rng([self.seed, 99, step]).integers(4, 17, sequences).astype(np.int32)

    def validation(self, domain, length, count):
        """`count` evenly spaced windows of length+1 tokens of held-out documents."""
        stream = self.val[domain]
        starts = np.linspace(0, len(stream) - length - 1, count).astype(int)
        rows = np.stack([stream[s:s + length + 1] for s in starts]).astype(np.int32)
        return rows[:, :-1], rows[:, 1:]

    def bits_per_byte(self, nats, targets):
        """Sum of nats over all tokens and the targets they belong to -> bits per byte of text."""
        return float(nats / np.log(2) / self.token_bytes[targets].sum())

    def encode(self, text):
        """Ids of a text, by the project's one encoder in bpe.mjs."""
        here = pathlib.Path(__file__).resolve().parent
        code = (f"import {{ Encoder }} from '{here}/bpe.mjs'; import {{ readFileSync }} from 'node:fs';"
                f"const e = new Encoder(JSON.parse(readFileSync('{self.folder.resolve()}/tokenizer.json', 'utf8')));"
                f"console.log(JSON.stringify(e.encode({json.dumps(text)})))")
        return json.loads(subprocess.run(['node', '--input-type=module', '-e', code], capture_output=True, text=True, check=True).stdout)

    def decode(self, ids):
        tokens, end = self.tokenizer['tokens'], self.tokenizer['end']
        inverse = {ch: b for b, ch in enumerate(tokens[:256])}
        data, text = b'', ''
        for t in ids:
            if t == end:
                text += data.decode('utf8', 'replace') + '<|end|>'
                data = b''
            else:
                data += bytes(inverse[ch] for ch in tokens[t])
        return text + data.decode('utf8', 'replace')
