/** The table of docs/architecture.md as rules. Type-only imports count; tests keep to the rules of their folder. */

const ROOMS = {
  // Room of the server: the rooms that it may import.
  domain: [],
  listeners: ['domain'],
  routing: ['domain'],
  tunnel: ['domain'],
  rotation: ['domain'],
  openvpn: ['domain'],
  db: ['domain'],
  services: ['domain', 'db'],
  api: ['domain', 'services'],
  metrics: ['domain'],
  backup: ['db'],
};

const AGENT_ROOMS = {
  egress: [],
  platform: [],
  commands: ['platform', 'state'],
  session: ['egress', 'platform', 'state'],
};

/** Nothing in `from` may import what is in `to`, apart from what is in `except`. */
function forbid(name, comment, from, to, except) {
  return {
    name,
    comment,
    severity: 'error',
    from: { path: from },
    to: { path: to, ...(except && { pathNot: except }) },
  };
}

function roomRules(folder, rooms) {
  return Object.entries(rooms).map(([room, allowed]) =>
    forbid(
      `${folder.split('/')[1]}-${room}`,
      `${room} may import ${allowed.join(' and ') || 'no other room'}; only the files in ${folder} itself put rooms together`,
      `^${folder}/${room}/`,
      `^${folder}/`,
      `^${folder}/(${[room, ...allowed].join('|')})/`,
    ),
  );
}

export default {
  forbidden: [
    {
      name: 'no-cycle',
      comment: 'A cycle has no order in which it can be understood, tested or initialised',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-unresolved',
      comment: 'An import that leads nowhere',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    forbid(
      'protocol-own',
      'protocol imports none of our packages',
      '^packages/protocol/',
      '^(packages|e2e|bench)/',
      '^packages/protocol/',
    ),
    {
      name: 'protocol-no-node',
      comment: 'protocol also runs where there is no Node.js',
      severity: 'error',
      from: { path: '^packages/protocol/src/', pathNot: '[.]test[.]ts$' },
      to: { dependencyTypes: ['core'] },
    },
    forbid(
      'runtime-own',
      'runtime imports protocol only',
      '^packages/runtime/',
      '^(packages|e2e|bench)/',
      '^packages/(runtime|protocol)/',
    ),
    forbid(
      'agent-own',
      'agent and server know each other by protocol only',
      '^packages/agent/',
      '^(packages|e2e|bench)/',
      '^packages/(agent|runtime|protocol)/',
    ),
    forbid(
      'server-own',
      'agent and server know each other by protocol only',
      '^packages/server/',
      '^(packages|e2e|bench)/',
      '^packages/(server|runtime|protocol)/',
    ),
    forbid(
      'dashboard-own',
      'the dashboard knows the server by protocol only',
      '^packages/dashboard/',
      '^(packages|e2e|bench)/',
      '^packages/(dashboard|protocol)/',
    ),
    {
      name: 'dashboard-features',
      comment: 'features never import each other: what two of them need is a component or in lib',
      severity: 'error',
      from: { path: '^packages/dashboard/src/features/([^/]+)/' },
      to: { path: '^packages/dashboard/src/features/', pathNot: '^packages/dashboard/src/features/$1/' },
    },
    {
      name: 'dashboard-kits',
      comment: 'components and lib know no page',
      severity: 'error',
      from: { path: '^packages/dashboard/src/(components|lib)/' },
      to: { path: '^packages/dashboard/src/(features|app|routes)/' },
    },
    forbid(
      'e2e-own',
      'whole-system tests see the system from outside',
      '^e2e/',
      '^(packages|bench)/',
      '^packages/protocol/',
    ),
    {
      name: 'domain-pure',
      comment: 'domain does no input or output: of Node.js and of runtime it may know types',
      severity: 'error',
      from: { path: '^packages/server/src/domain/', pathNot: '[.]test[.]ts$' },
      to: {
        dependencyTypesNot: ['type-only'],
        path: ['^packages/runtime/', '^node:', '^(fs|net|tls|http|http2|dgram|dns|child_process)$'],
      },
    },
    ...roomRules('packages/server/src', ROOMS),
    ...roomRules('packages/agent/src', AGENT_ROOMS),
    {
      name: 'no-test-code',
      comment: 'what ships does not import tests or what they are made with',
      severity: 'error',
      from: { path: '^packages/', pathNot: ['[.]test[.]ts$', '/testing/', '/test-'] },
      to: { path: ['[.]test[.]ts$', '/testing/', '/test-'], pathNot: 'node_modules' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '/dist/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
    },
    skipAnalysisNotInRules: true,
  },
};
