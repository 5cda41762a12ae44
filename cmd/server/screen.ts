/** A terminal with a block at its end that is drawn anew in place, and lines that scroll by above it. */
export interface Screen {
  rows(): number;
  columns(): number;
  /** Draws the block. Each line must fit into the columns. */
  show(block: readonly string[]): void;
  /** Writes whole lines above the block. */
  say(text: string): void;
}

export interface ScreenOutput {
  write(text: string): unknown;
  rows?: number | undefined;
  columns?: number | undefined;
}

export function createScreen(out: ScreenOutput): Screen {
  let shown = '';
  let height = 0;
  const erased = () => (height === 0 ? '' : `\u001b[${height}A\u001b[J`);
  return {
    rows: () => out.rows ?? 24,
    columns: () => out.columns ?? 80,
    show: (block) => {
      const text = block.map((line) => `${line}\n`).join('');
      out.write(`${erased()}${text}`);
      shown = text;
      height = block.length;
    },
    say: (text) => void out.write(`${erased()}${text}${shown}`),
  };
}
