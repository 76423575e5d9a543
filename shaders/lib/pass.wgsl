// The state of a forward pass. The host writes it before a prefill; the sampler advances it from token to token.
struct Pass {
  tokens: u32, // T
  position: u32, // KV position of the first token
  step: u32, // trace slot of the first token
  stop: u32, // 0, or where the pass stopped for want of an expert: every kernel then returns at once
}
