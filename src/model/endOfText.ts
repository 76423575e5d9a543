/**
 * Which tokens end a text. Files name one or two of them, and chat models end by others, so llama.cpp goes by the texts
 * of the tokens, too (llama-vocab.cpp); so does this.
 */

/** Tokens of these texts end a text in every model. */
const ENDS =
  '<|eot_id|> <|im_end|> <|end|> <|return|> <|call|> <|flush|> <|calls|> <end_of_turn> <|endoftext|> </s> <|eom_id|> <EOT> _<EOT> [EOT] [EOS] <|end_of_text|> <end_of_utterance> <eos> <turn|> <|tool_response> <｜end▁of▁sentence｜> [e~['.split(
    ' ',
  );

/** Marks of fill-in-the-middle that end a text, by the key that may name them, else by their texts. */
const FILL_ENDS: Readonly<Record<string, string>> = {
  fim_pad: '<|fim_pad|> <fim-pad> <fim_pad> <PAD> [PAD]',
  fim_rep: '<|fim_repo|> <|repo_name|> <fim-repo> <REPO> <reponame>',
  fim_sep: '<|file_sep|>',
};

/** The other marks of fill-in-the-middle: they end nothing, but they are control tokens, whatever the file says. */
const FILL_MARKS: Readonly<Record<string, string>> = {
  fim_pre: '<|fim_prefix|> <fim-prefix> <fim_prefix> <｜fim▁begin｜> <PRE> ▁<PRE> <|code_prefix|> <|prefix|>',
  fim_suf: '<|fim_suffix|> <fim-suffix> <fim_suffix> <｜fim▁hole｜> <SUF> ▁<SUF> <|code_suffix|> <|suffix|>',
  fim_mid: '<|fim_middle|> <fim-middle> <fim_middle> <｜fim▁end｜> <MID> ▁<MID> <|code_middle|> <|middle|>',
};

/** What the keys were called before. */
const OLD_KEYS: Readonly<Record<string, string>> = { fim_pre: 'prefix', fim_suf: 'suffix', fim_mid: 'middle' };

/** Parts of gpt-oss's messages, which are shown. */
const SHOWN = ['<|channel|>', '<|message|>', '<|start|>', '<|constrain|>'];

export interface Marks {
  readonly ends: ReadonlySet<number>;
  /** Ids that are control tokens, or text like any other, whatever type the file gives them. */
  readonly control: readonly number[];
  readonly userDefined: readonly number[];
  readonly normal: readonly number[];
}

/** @param named the id that a key of the metadata gives ("eos" for tokenizer.ggml.eos_token_id), or null. */
export function findMarks(idOf: ReadonlyMap<string, number>, named: (key: string) => number | null): Marks {
  const found = (texts: readonly string[]) => texts.map((text) => idOf.get(text)).filter((id) => id !== undefined);
  const unnamed = (marks: Readonly<Record<string, string>>) =>
    found(
      Object.entries(marks)
        .filter(([key]) => named(key) === null && named(OLD_KEYS[key] ?? key) === null)
        .flatMap(([, texts]) => texts.split(' ')),
    );
  const control = [...found(ENDS), ...unnamed(FILL_ENDS), ...unnamed(FILL_MARKS)];
  const keyed = ['eos', 'eot', 'eom', ...Object.keys(FILL_ENDS)].map(named).filter((id) => id !== null);
  const ends = new Set([...found(ENDS), ...unnamed(FILL_ENDS), ...keyed]);

  const userDefined = found(SHOWN);
  const ending = (text: string) => ends.has(idOf.get(text) ?? -1);
  /** Takes an end out again. */
  const spare = (text: string, kind: number[]) => {
    const id = idOf.get(text);
    if (id !== undefined && ends.delete(id)) kind.push(id);
  };
  // Where a message has parts, <|end|> ends a part alone.
  const calls = ending('<|call|>') || ending('<|calls|>');
  if (calls && (ending('<|return|>') || ending('<|flush|>'))) spare('<|end|>', userDefined);
  const normal: number[] = [];
  if (ending('<|tool_response>')) spare('</s>', normal);
  return { ends, control, userDefined, normal };
}
