// A slot: one (token, chosen expert) pair. Slot t·K + j is the j-th choice of token t; the last ones may be unused.
const NO_EXPERT = 0xffffu;

struct Slot {
  expert: u32, // NO_EXPERT in an unused slot: nothing is computed for it
  weight: f32, // the factor the expert's output is combined with
}
