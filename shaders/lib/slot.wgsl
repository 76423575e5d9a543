// A slot: one (token, chosen expert) pair. Slot t·K + j is the j-th choice of token t; the last ones may be unused.
const NO_EXPERT = 0xffffu;
const MISSING = 0xfffeu; // the expert is not on the GPU

struct Slot {
  expert: u32, // where its weights are: its number or, in a cache of experts, its entry. NO_EXPERT in an unused slot: nothing is computed for it
  weight: f32, // the factor the expert's output is combined with
}
