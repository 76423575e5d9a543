// A slot: one (token, chosen expert) pair. Slot t·K + j is the j-th choice of token t.
struct Slot {
  expert: u32,
  weight: f32, // the factor the expert's output is combined with
}
