// The state of a forward pass. The host writes it before a prefill; the sampler advances it from token to token.
struct Pass {
  tokens: u32, // T
  position: u32, // KV position of the first token
  step: u32, // trace slot of the first token
  pad: u32,
}
