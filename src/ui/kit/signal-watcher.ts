/** An element that draws itself anew when a signal that its last drawing read has changed. */
import { LitElement } from 'lit';
import { watch } from '../../state/session/signals.ts';

export class SignalWatcher extends LitElement {
  /** Signals hold on to the element until this is called. */
  private stop = () => {};

  protected override performUpdate(): void {
    if (!this.isUpdatePending) return;
    this.stop();
    // Nobody sees it, and no signal may keep it: what changes meanwhile is drawn when it is back.
    if (!this.isConnected) {
      super.performUpdate();
      return;
    }
    const thrown: unknown[] = [];
    this.stop = watch(
      () => {
        try {
          super.performUpdate();
        } catch (error) {
          // The signals that it read may still change for the better.
          thrown.push(error);
        }
      },
      () => this.requestUpdate(),
    );
    if (thrown.length) throw thrown[0];
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.requestUpdate();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    // An element that is only moved comes back within the task.
    queueMicrotask(() => {
      if (!this.isConnected) this.stop();
    });
  }
}
