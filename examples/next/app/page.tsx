import { Scope } from './scope';

export default function Page() {
  return <Scope />;
}
