#!/bin/sh
# training/train_all.sh RAW_DIR WORK_DIR [TOKENS]
# From a folder of NAME.train.txt / NAME.val.txt to public/models: the whole recipe, one model after the other.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
raw=$1 work=$2 tokens=${3:-9.5e6}
python=${PYTHON:-/usr/bin/python3}
export OMP_WAIT_POLICY=PASSIVE OPENBLAS_CORETYPE=SkylakeX OMP_NUM_THREADS=1
export MALLOC_MMAP_THRESHOLD_=4294967296 MALLOC_TRIM_THRESHOLD_=34359738368 MALLOC_TOP_PAD_=268435456

mkdir -p "$work/data" "$work/ckpt"
node "$here/train_tokenizer.mjs" "$raw" "$work/data"
node --max-old-space-size=6000 "$here/encode_corpus.mjs" "$raw" "$work/data"

[ -f "$work/ckpt/plan.json" ] || echo "{\"total\": $tokens, \"decay\": 0.25, \"quantise\": 0.15}" > "$work/ckpt/plan.json"
arguments=
for model in moe dense-active dense-total; do
  # Large matrices want shorter steps.
  case $model in dense-total) own='--lr 3e-3 --scale ratio --workers 2' ;; *) own= ;; esac
  "$python" "$here/train.py" $model --data "$work/data" --run "$work/ckpt/$model" --plan "$work/ckpt/plan.json" $own
  last=$(ls "$work/ckpt/$model"/step*.npz | tail -n 1)
  "$python" "$here/evaluate.py" $model "$last" "$work/data" "$work/$model.json"
  arguments="$arguments $model=$last,$work/$model.json"
done
"$python" "$here/publish.py" "$work/data" "$here/../public/models" $arguments
