interface Named {
  readonly name: string;
}
interface Manifest {
  readonly modules: readonly {
    readonly declarations: readonly { members: Named[]; attributes: Named[]; events: Named[] }[];
  }[];
}
export function manifest(source?: string): Manifest;
export function undocumented(made: Manifest): string[];
