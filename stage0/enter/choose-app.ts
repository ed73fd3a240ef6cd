/** An app that is asked for and not there, or not named where there are several. */
export class ChooseAppError extends Error {
  readonly code = 'ERR_CHOOSE_APP';
  readonly hint: string | undefined;

  constructor(message: string, hint?: string) {
    super(message);
    this.hint = hint;
  }
}

/** Which of a pod's apps is meant: the one named, or the only one. */
export function chooseApp<Name extends string>(names: readonly Name[], wanted: string | undefined): Name {
  const [first, ...others] = names;
  if (first === undefined) throw new ChooseAppError('pod contains zero apps');
  const list = names.join(', ');
  if (wanted !== undefined) {
    const found = names.find((name) => name === wanted);
    if (found !== undefined) return found;
    throw new ChooseAppError(`the pod has no app ${JSON.stringify(wanted)}`, `its apps are ${list}`);
  }
  if (others.length === 0) return first;
  throw new ChooseAppError(`pod contains multiple apps: ${list}`, 'say which with --app=NAME');
}
