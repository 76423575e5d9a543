"""Compiles the kernels*.c once and calls it with numpy arrays (f32/i32/u8, contiguous) and plain numbers."""
import ctypes
import hashlib
import os
import pathlib
import subprocess
import tempfile

import numpy as np

HERE = pathlib.Path(__file__).parent
BF16 = os.environ.get('MOESCOPE_BF16') == '1'
FAST = ['-ffast-math', *(['-DBF16'] if BF16 else [])]
SOURCES = {'kernels.c': FAST, 'kernels_experts.c': FAST, 'kernels_update.c': FAST, 'kernels_quant.c': ['-ffp-contract=off'],
           **({'kernels_bf16.c': []} if BF16 else {})}


def _library():
    name = hashlib.sha256(repr(SOURCES).encode() + b''.join((HERE / s).read_bytes() for s in SOURCES)).hexdigest()[:16]
    folder = pathlib.Path(os.environ.get('MOESCOPE_CACHE', tempfile.gettempdir()))
    path = folder / f'moescope-kernels-{name}.so'
    if not path.exists():
        with tempfile.TemporaryDirectory(dir=folder) as work:
            objects = [f'{work}/{source}.o' for source in SOURCES]
            for (source, flags), target in zip(SOURCES.items(), objects):
                subprocess.run(['gcc', '-c', '-O3', '-march=native', '-fPIC', *flags, str(HERE / source), '-o', target], check=True)
            # BLAS by its run-time name: Debian's alternative points it at OpenBLAS
            subprocess.run(['gcc', '-shared', *objects, '-o', f'{work}/all.so', '-l:libblas.so.3', '-lm', *(['-ldnnl'] if BF16 else [])], check=True)
            os.rename(f'{work}/all.so', path)
    return ctypes.CDLL(str(path))


_lib = _library()


def call(name, *arguments):
    """int -> int (long for sizes over 2^31 is never needed), float -> float, array -> pointer, None -> NULL."""
    converted = []
    for a in arguments:
        if a is None:
            converted.append(ctypes.c_void_p(0))
        elif isinstance(a, np.ndarray):
            assert a.flags.c_contiguous, name
            converted.append(ctypes.c_void_p(a.ctypes.data))
        elif isinstance(a, float):
            converted.append(ctypes.c_float(a))
        else:
            converted.append(ctypes.c_long(int(a)))
    getattr(_lib, name)(*converted)
