"""Checks model.py against a plain torch model with autograd, in f64: losses and every gradient. With MOESCOPE_BF16=1
at the size of weights that training begins with: larger ones let roundings change the routes."""
import numpy as np
import torch
import torch.nn.functional as F

from native import BF16
from model import Config, Model, initial, parameter_count, rope_table, views


def norm(x, w):
    return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + 1e-6) * w


def reference(c, p, ids, targets, pools=None, alpha=0.01, beta=1e-3):
    B, T = ids.shape
    W, half = c.head_width, c.head_width // 2
    cos, sin = (torch.from_numpy(t).to(p['embed'].dtype) for t in rope_table(c, T))
    rotate = lambda x: torch.cat([x[..., :half] * cos - x[..., half:] * sin, x[..., half:] * cos + x[..., :half] * sin], -1)
    x, auxiliary = p['embed'][ids], 0
    for i in range(c.layers):
        q, k, v = (norm(x, p[f'{i}.attn_norm']) @ p[f'{i}.wqkv'].T).split([c.heads * W, c.kv_heads * W, c.kv_heads * W], -1)
        q, k, v = (t.view(B, T, -1, W).transpose(1, 2) for t in (q, k, v))
        q, k = rotate(norm(q, p[f'{i}.q_norm'])), rotate(norm(k, p[f'{i}.k_norm']))
        k, v = (t.repeat_interleave(c.heads // c.kv_heads, 1) for t in (k, v))
        score = (q @ k.transpose(-1, -2)) / W ** 0.5
        score = score.masked_fill(torch.ones(T, T, dtype=torch.bool).triu(1), -1e30)
        x = x + (score.softmax(-1) @ v).transpose(1, 2).reshape(B, T, -1) @ p[f'{i}.wo'].T
        h = norm(x, p[f'{i}.ffn_norm']).view(B * T, -1)
        experts = []
        for e in range(c.experts):
            gate, up = (h @ p[f'{i}.w13'][e].T).chunk(2, -1)
            experts.append((F.silu(gate) * up) @ p[f'{i}.w2'][e].T)
        y = torch.stack(experts, 1)
        if c.is_moe:
            logits = h @ p[f'{i}.router'].T
            probs = logits.softmax(-1)
            allowed = torch.ones(B, c.experts)
            if pools is not None:
                rank = probs.detach().view(B, T, -1).mean(1).argsort(-1, descending=True).argsort(-1)
                allowed = (rank < torch.as_tensor(pools)[:, None]).float()
            top, idx = (probs * allowed.repeat_interleave(T, 0)).topk(c.per_token, -1)
            gate = top / top.sum(-1, keepdim=True)
            y = (y.gather(1, idx[..., None].expand(-1, -1, c.width)) * gate[..., None]).sum(1)
            f = torch.bincount(idx.flatten(), minlength=c.experts) / idx.numel()
            auxiliary = auxiliary + alpha * c.experts * (f * probs.mean(0)).sum() + beta * logits.logsumexp(-1).pow(2).mean()
        else:
            y = y[:, 0]
        x = x + y.view(B, T, -1)
    logits = norm(x, p['final_norm']) @ p['embed'].T
    return F.cross_entropy(logits.view(B * T, -1), targets.flatten(), reduction='none'), auxiliary, logits


def main():
    rng = np.random.default_rng(0)
    for c, pools in ((Config('moe', width=64, layers=2, experts=8, hidden=32, vocab=512), None),
                     (Config('pools', width=64, layers=2, experts=8, hidden=32, vocab=512), np.array([3, 8, 5], np.int32)),
                     (Config('dense', width=64, layers=2, experts=1, per_token=1, hidden=96, vocab=512), None),
                     (Config('wide', width=64, layers=2, experts=1, per_token=1, hidden=1100, vocab=512), None)):
        flat = initial(c) * (1 if BF16 else 4)
        ids, targets = rng.integers(0, c.vocab, (2, 3, 100))
        g = views(c, np.zeros(parameter_count(c), np.float32))
        loss = Model(c).forward(views(c, flat), ids, targets, pools, None, 1 / ids.size, g)
        p = {k: torch.from_numpy(v.astype(np.float64)).requires_grad_() for k, v in views(c, flat).items()}
        want, auxiliary, _ = reference(c, p, torch.from_numpy(ids), torch.from_numpy(targets), pools)
        (want.mean() + auxiliary).backward()
        print(c.name, 'loss', np.abs(loss - want.detach().numpy()).max())
        worst = max((np.linalg.norm(g[k] - v.grad.numpy()) / (np.linalg.norm(v.grad.numpy()) + 1e-12), k) for k, v in p.items())
        print('  worst gradient', worst)
        assert worst[0] < (1e-2 if BF16 else 1e-4)


if __name__ == '__main__':
    main()
