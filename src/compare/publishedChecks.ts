/**
 * What the table of published models was compared with: which figures, beside which public page. The reports' titles and
 * addresses were found where others cite them; their text, and most config.json files, could not be read here.
 */

/** Figures that stand alike at another place. */
export interface Check {
  readonly figures: string;
  readonly against: string;
  readonly url: string;
}

export interface Provenance {
  readonly checks: readonly Check[];
  /** What nothing was found to compare with; null when all was. */
  readonly unchecked: string | null;
}

const github = (path: string): string => `https://github.com/${path}`;
const huggingFace = (path: string): string => `https://huggingface.co/${path}`;

const SHAPES = 'shapes';
const SIZES = 'stated sizes';
const check = (figures: string, against: string, url: string): Check => ({ figures, against, url });
/** Gate, bias, groups by their two best scores, normalisation: the same for all. */
const ROUTING = check('routing rule', 'llama.cpp', github('ggml-org/llama.cpp/blob/master/src/llama-graph.cpp'));
const transformers = (figures: string, model: string, commit: string): Check => {
  const file = `src/transformers/models/${model}/configuration_${model}.py`;
  return check(figures, 'Transformers', github(`huggingface/transformers/blob/${commit}/${file}`));
};
const nemo = (model: string, commit: string, figures = SHAPES): Check =>
  check(figures, 'NVIDIA NeMo', github(`NVIDIA/NeMo/blob/${commit}/nemo/collections/llm/gpt/model/${model}.py`));
const slime = (model: string): Check =>
  check(SHAPES, 'slime', `https://gitcode.com/Ascend/slime-ascend/blob/main/scripts/models/${model}.sh`);
const of = (checks: readonly Check[], unchecked: string | null = null): Provenance => ({
  checks: [...checks, ROUTING],
  unchecked,
});

const QWEN3 = nemo('qwen3', '00558c4f408c02d133d51d4e756a0f970b445606');
const GPT_OSS_SIZES = check(SIZES, 'a copy of its card', 'https://arxiv.org/abs/2508.10925');

/** By the model's id. */
export const CHECKS: Readonly<Record<string, Provenance>> = {
  'deepseek-v3': of([
    transformers(SHAPES, 'deepseek_v3', '001f85b38fb432858ace93f18622f07cec46d874'),
    check(
      'stated sizes (active: 36.7 billion there)',
      'the notes on its weights',
      github('deepseek-ai/DeepSeek-V3/blob/0b39205aed0d4b1f9a2798e8551e4059c8f94b0c/README_WEIGHTS.md'),
    ),
  ]),
  'deepseek-v2-lite': of(
    [
      nemo('deepseek', '04e9360c117339b24c715080bae6ffb5c17fb2cc', 'shapes but for the vocabulary'),
      check(
        'weights as they are',
        'a model trained from it',
        huggingFace('deepseek-ai/ESFT-token-intent-lite/blob/main/config.json'),
      ),
      check(
        SIZES,
        'its README',
        github('deepseek-ai/DeepSeek-V2/blob/07245dbf855936dce8dcec6977d3c0dc255b823d/README.md'),
      ),
    ],
    'its vocabulary, which is that of its sibling DeepSeek-Coder-V2-Lite',
  ),
  'kimi-k2': of([
    check(
      'shapes and scale',
      'NVIDIA Megatron Bridge',
      github(
        'NVIDIA-NeMo/Megatron-Bridge/blob/1e59114075c83a04b94bed4f1f44e848e521024d/src/megatron/bridge/models/kimi/kimi_provider.py',
      ),
    ),
    check(SIZES, 'its README', github('MoonshotAI/Kimi-K2/blob/11062d119a82873f7f786cd2733c57d42ee65b79/README.md')),
  ]),
  // NVIDIA's page on Megatron Bridge has other numbers for Moonlight's dense layer and vocabulary; the count of its parameters fits these.
  'moonlight-16b-a3b': of([slime('moonlight'), check(SIZES, 'its README', github('MoonshotAI/Moonlight'))]),
  'qwen3-30b-a3b': of([
    QWEN3,
    check(SIZES, 'a copy of its card', 'https://ollama.com/alibayram/Qwen3-30B-A3B-Instruct-2507'),
  ]),
  'qwen3-235b-a22b': of([
    QWEN3,
    check(
      SIZES,
      'NVIDIA’s notes on Qwen3',
      'https://docs.nvidia.com/nemo/megatron-bridge/nightly/models/qwen/qwen3-moe.html',
    ),
  ]),
  'qwen1.5-moe-a2.7b': of([
    transformers(SHAPES, 'qwen2_moe', '008e574391258935f3ecc3035c882e73bbcac419'),
    check(SIZES, 'its card', huggingFace('Qwen/Qwen1.5-MoE-A2.7B')),
  ]),
  'gpt-oss-20b': of([slime('gpt-oss-20B'), GPT_OSS_SIZES]),
  'gpt-oss-120b': of([transformers(SHAPES, 'gpt_oss', '02b8f42b4240dddea1b27c45d2dc95fb2682f841'), GPT_OSS_SIZES]),
  'mixtral-8x7b': of([
    transformers(SHAPES, 'mixtral', '008e574391258935f3ecc3035c882e73bbcac419'),
    check(SIZES, 'quotations of its announcement', 'https://mistral.ai/news/mixtral-of-experts'),
  ]),
  'mixtral-8x22b': of([
    nemo('mixtral', '02f25a80bb783e04558303bed0d967bbcc486bdb', 'shapes but for the vocabulary'),
    check('vocabulary', 'a GGUF of it', 'https://ollama.com/emsi/mixtral-8x22b/blobs/47e8af9870a2'),
    check(
      'the exact count of its parameters',
      'whoever loaded it',
      huggingFace('mistral-community/Mixtral-8x22B-v0.1/discussions/6'),
    ),
    check(SIZES, 'a copy of its announcement', 'https://ollama.com/library/mixtral:8x22b'),
  ]),
  'olmoe-1b-7b': of([
    check(
      SHAPES,
      'its config.json',
      huggingFace('allenai/OLMoE-1B-7B-0924/blob/c1b31da0c8e885c688902634d444982ca419aa33/config.json'),
    ),
    check(SIZES, 'its README', github('allenai/OLMoE/blob/019a4431607c3723aa23de0558d3949ec73f960b/README.md')),
  ]),
  'granite-3.1-1b-a400m': of([
    check(
      'shapes but for three tokens of the vocabulary',
      'the config.json of its base model',
      huggingFace('ibm-granite/granite-3.1-1b-a400m-base/blob/main/config.json'),
    ),
    check(
      SIZES,
      'the card of 3.0, which has the same shapes',
      huggingFace('ibm-granite/granite-3.0-1b-a400m-base/commit/cf1a1df123a9ee37d812abab88f40ab06228bee5'),
    ),
  ]),
  'lfm2-8b-a1b': of([
    transformers('shapes but for the number of layers', 'lfm2_moe', '06053b84c14d72e9789fbf27844a75aa89b3ded7'),
    check('layers and stated sizes', 'a copy of its card', huggingFace('onnx-community/LFM2-8B-A1B-ONNX')),
  ]),
};
