/** Tells a failure when it happens: the reporter of vitest keeps it until the end, which a run that is ended half way never sees. */
export default class TellFailures {
  onTestCaseResult(test) {
    const { state, errors } = test.result();
    if (state !== 'failed') return;
    for (const { stack, message } of errors)
      console.log(`\nFAILED ${test.module.relativeModuleId}: ${test.fullName}\n${stack ?? message}`);
  }
}
