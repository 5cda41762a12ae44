import type { SpecIssue } from '../../../reconciler/kind.ts';
import type { SourceSpec } from './kind.ts';

/** Exactly one place, and a Git URL that can be one. What a server lets through beyond that is its source port's to say. */
export function checkSource(wished: SourceSpec): SpecIssue[] {
  const { folder, git } = wished;
  if (folder === undefined && git === undefined)
    return [{ path: '', message: 'Exactly one of folder and git is needed; found none.' }];
  if (folder !== undefined && git !== undefined)
    return [{ path: '/git', message: 'Exactly one of folder and git is needed; found both.' }];
  if (git === undefined) return [];
  return [...urlIssues(git.url), ...pathIssues(git.path)];
}

function urlIssues(url: string): SpecIssue[] {
  const path = '/git/url';
  if (/^[A-Za-z0-9][\w.-]*@[A-Za-z0-9][A-Za-z0-9.-]*:[^-/]/.test(url)) return [];
  if (url.startsWith('-') || !URL.canParse(url))
    return [{ path, message: 'This is no address of a repository, e.g. https://git.example.org/infra.git.' }];
  const { protocol, username, password } = new URL(url);
  if (password !== '' || (protocol === 'https:' && username !== ''))
    return [{ path, message: 'The URL holds credentials; put them into a Secret and name it in git.secret.' }];
  if (protocol === 'https:' || protocol === 'ssh:' || protocol === 'file:') return [];
  return [{ path, message: `${protocol} is not supported: use https or ssh.` }];
}

function pathIssues(path: string): SpecIssue[] {
  const leaves = path.startsWith('/') || path.split('/').includes('..');
  return leaves ? [{ path: '/git/path', message: `"${path}" leads out of the repository: name a folder in it.` }] : [];
}
