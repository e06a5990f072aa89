interface Policy {
  features(): string[];
  allowsFeature(name: string): boolean;
}

const WRITE = "clipboard-write";

/**
 * True unless the page around us is known to forbid the Clipboard API. Whoever tries it all the same
 * is refused too, but then the browser complains on its console.
 */
export function mayUseClipboard(): boolean {
  const { permissionsPolicy, featurePolicy } = document as Document & Record<string, Policy | undefined>;
  const policy = permissionsPolicy ?? featurePolicy;
  return !policy?.features().includes(WRITE) || policy.allowsFeature(WRITE);
}
