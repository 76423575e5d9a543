// What holds of one step, or of one part of a painting or of a text. The host writes it; no kernel changes it.
struct StepState {
  seed: u32,
  step: u32, // from 0
  random: u32, // 1: pixels or texts are drawn by lot; 0: those from `first` on, in order
  first: u32, // or how long the texts are that go on
  width: u32, // of the picture
  pixels: u32, // of the picture
  rate: f32,
  clip: f32, // largest norm of a gradient; 0: any
  correction1: f32, // 1 - β1^t
  correction2: f32, // 1 - β2^t
  keep: f32, // share of the old average of the weights that stays
  aux: f32, // weight of the balancing loss
  bias_speed: f32, // of loss-free balancing; 0: none
  temperature: f32, // of what is written; 0: the likeliest character
  pad0: u32,
  pad1: u32,
}
