// Renders the folders of deploy/kubernetes.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseAllDocuments } from 'yaml';

export const kubectl = process.env.KUBECTL ?? 'kubectl';
export const project = fileURLToPath(new URL('../..', import.meta.url));
const kubernetes = join(project, 'deploy/kubernetes');

export function render(folder) {
  return parse(execFileSync(kubectl, ['kustomize', folder], { encoding: 'utf8' }));
}

export function parse(text) {
  return parseAllDocuments(text).map(document => document.toJS());
}

export async function inTemporaryFolder(use) {
  const folder = mkdtempSync(join(tmpdir(), 'instance-worker-'));
  try {
    return await use(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function renderComponent(component) {
  return inTemporaryFolder(folder => {
    const path = name => relative(folder, join(kubernetes, name));
    writeFileSync(
      join(folder, 'kustomization.yaml'),
      JSON.stringify({ resources: [path('base')], components: [path(`components/${component}`)] })
    );
    return render(folder);
  });
}

/** All that can be rendered, by name: the base, the base with each component, each overlay. */
export async function renderings() {
  const all = { base: render(join(kubernetes, 'base')) };
  for (const name of readdirSync(join(kubernetes, 'components'))) {
    all[`components/${name}`] = await renderComponent(name);
  }
  for (const name of readdirSync(join(kubernetes, 'overlays'))) {
    all[`overlays/${name}`] = render(join(kubernetes, 'overlays', name));
  }
  return all;
}
