/** How long the browser may take to begin reading a file that is saved. */
const KEPT_MILLISECONDS = 10_000;

/** Saves a file as a download. */
export function saveAs(blob: Blob, name: string): void {
  const anchor = document.createElement('a');
  anchor.href = URL.createObjectURL(blob);
  anchor.download = name;
  anchor.click();
  setTimeout(() => URL.revokeObjectURL(anchor.href), KEPT_MILLISECONDS);
}
