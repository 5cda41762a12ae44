import type { SpecIssue } from '../../../reconciler/kind.ts';
import type { ImageSpec } from './kind.ts';

/** An image comes from exactly one place, over http or https, and a volume's bytes have no digest to check beforehand. */
export function checkImage(wished: ImageSpec): SpecIssue[] {
  const { url, file, volume } = wished.source;
  const given = Object.entries({ url, file, volume }).flatMap(([key, value]) => (value === undefined ? [] : [key]));
  const issues: SpecIssue[] = [];
  if (given.length !== 1) {
    const found = given.length === 0 ? 'none' : given.join(' and ');
    issues.push({ path: '/source', message: `Exactly one of url, file, volume is needed; found ${found}.` });
  }
  if (url !== undefined) issues.push(...urlIssues(url));
  if (volume !== undefined && wished.checksum !== undefined) {
    issues.push({ path: '/checksum', message: 'A volume has no fixed bytes: leave the checksum out.' });
  }
  if (volume !== undefined && wished.format === 'iso') {
    issues.push({ path: '/format', message: 'A volume makes a template, not an iso: use qcow2 or raw.' });
  }
  return issues;
}

function urlIssues(url: string): SpecIssue[] {
  if (!URL.canParse(url))
    return [{ path: '/source/url', message: `"${url}" is no URL, e.g. https://host/file.qcow2.` }];
  const { protocol, username, password } = new URL(url);
  if (username !== '' || password !== '') {
    return [
      {
        path: '/source/url',
        message: 'A URL with a user or password in it would show them to readers: leave them out.',
      },
    ];
  }
  if (protocol === 'http:' || protocol === 'https:') return [];
  return [{ path: '/source/url', message: `${protocol} is not supported: use http, https, or source.file.` }];
}
