/** The calls of the library, and the answers of the fakes. */

/** A call of an import: its name and arguments. */
export type Call = [name: string, ...given: unknown[]];

let calls: Call[] = [];
const answers = new Map<string, () => unknown>();

/** Records a call, and answers as {@link answer} has set. */
export function called(name: string, ...given: unknown[]): any {
  calls.push([name, ...given]);
  return answers.get(name)?.();
}

/** Returns the calls since the last time. */
export function takeCalls(): Call[] {
  const taken = calls;
  calls = [];
  return taken;
}

/** Sets what an import answers, or throws. */
export function answer(name: string, work: () => unknown): void {
  answers.set(name, work);
}

/** Returns the exception that componentize-qjs makes of an error. */
export function hostError(tag: string, message: string): Error {
  return Object.assign(new Error("[object Object] (see error.payload)"), {
    payload: { code: { tag }, message, data: null },
  });
}
