import type { Labels } from '../../schema/label.ts';

export interface TemplateValues {
  readonly name: string;
  readonly labels: Labels;
  /** `aci`, or `aci.asc` for the signature. */
  readonly ext: string;
}

/**
 * Renders a discovery template: `{name}`, `{ext}` and the labels, of which `version` is `latest` if not asked for.
 * Undefined if a variable has no value (appc spec, discovery: such a template does not apply).
 */
export function renderTemplate(template: string, { name, labels, ext }: TemplateValues): string | undefined {
  const values = new Map([['version', 'latest'], ...labels.map((each) => [each.name, each.value] as const)]);
  let complete = true;
  const rendered = template.replace(/\{([^{}]*)\}/g, (_, variable: string) => {
    if (variable === 'name') return name;
    if (variable === 'ext') return ext;
    const value = values.get(variable);
    complete &&= value !== undefined;
    // A label comes from a user or from another image's dependencies: it fills one path segment and no more.
    return encodeURIComponent(value ?? '');
  });
  return complete && !/[{}]/.test(rendered) ? rendered : undefined;
}
