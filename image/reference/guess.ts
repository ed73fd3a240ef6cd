/**
 * Whether a string without a scheme means a file rather than an appc name: rkt's rules, in rkt's order. To name a file
 * that these take for an image name, put `./` before it.
 */
export function guessesFile(text: string, isFile: (path: string) => boolean): boolean {
  if (text.startsWith('/')) return true;
  if (isFile(text)) return true;
  if (text.includes(':')) return false;
  return text.includes('./') || text.endsWith('.aci');
}
