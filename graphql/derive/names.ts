/** `sizeGiB` → `SizeGiB`. */
export function capital(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1);
}

/** `VirtualMachine` → `virtualMachine`. */
export function lower(name: string): string {
  return name.charAt(0).toLowerCase() + name.slice(1);
}

const GRAPHQL_NAME = /^[A-Za-z][A-Za-z0-9_]*$/;

export function isGraphqlName(name: string): boolean {
  return GRAPHQL_NAME.test(name);
}
