import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { inTemporaryFolder, kubectl, parse, project, render } from './manifests.mjs';
import { queuesOf, settingsOf } from './policies.mjs';

const manifests = render(join(project, 'deploy/kubernetes/overlays/example'));
const of = kind => manifests.find(manifest => manifest.kind === kind);
const pod = of('Deployment').spec.template.spec;
const [container] = pod.containers;

/** The Secrets that the commands of docs/kubernetes.md create, from the files that it names. */
function secrets(folder) {
  const page = readFileSync(join(project, 'docs/kubernetes.md'), 'utf8');
  for (const [, file] of page.matchAll(/^ *((?:secrets|keda)\/[\w.-]+)$/gm)) {
    mkdirSync(join(folder, dirname(file)), { recursive: true });
    writeFileSync(join(folder, file), 'value');
  }
  const commands = [...page.matchAll(/^ *kubectl( .*create secret generic .*)$/gm)];
  return commands
    .map(([, command]) => execFileSync('sh', ['-c', `'${kubectl}'${command} --dry-run=client -o yaml`], { cwd: folder, encoding: 'utf8' }))
    .flatMap(parse);
}

/** As the kubelet does it: the files are in another folder, behind two symbolic links. */
function mount(folder, files) {
  mkdirSync(join(folder, '..2026'), { recursive: true });
  symlinkSync('..2026', join(folder, '..data'));
  for (const [name, content] of Object.entries(files)) {
    writeFileSync(join(folder, '..2026', name), content);
    symlinkSync(join('..data', name), join(folder, name));
  }
}

async function freePort() {
  const server = createServer().listen(0);
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  return port;
}

test('the commands of the page create the logins of RabbitMQ, of every server, and of KEDA', () =>
  inTemporaryFolder(folder => {
    const keys = Object.fromEntries(secrets(folder).map(({ metadata, data }) => [metadata.name, Object.keys(data).sort()]));
    const { servers } = settingsOf(of('ConfigMap'));
    assert.deepEqual(keys, {
      'instance-worker': [
        ...Object.keys(servers).map(server => `instance-worker.servers.${server}.password`),
        'spring.rabbitmq.password',
        'spring.rabbitmq.username'
      ],
      'instance-worker-keda': of('TriggerAuthentication').spec.secretTargetRef.map(({ key }) => key).sort()
    });
  }));

test('the command of the page and definitions.json have the queues of the servers', () => {
  const [, command] = /^ *(jq .*) \| rabbitmqctl import_definitions$/m.exec(readFileSync(join(project, 'docs/kubernetes.md'), 'utf8'));
  const ofServers = JSON.parse(execFileSync('sh', ['-c', command], { cwd: project, encoding: 'utf8' }));
  const definitions = JSON.parse(readFileSync(join(project, 'deploy/rabbitmq/definitions.json'), 'utf8'));
  const names = [...definitions.queues, ...ofServers.queues].map(({ name }) => name).filter(name => /\.(provision|query)/.test(name));
  assert.deepEqual(names.sort(), queuesOf(settingsOf(of('ConfigMap')).servers).sort());
  const server = name => name.split('.').pop();
  assert.ok(ofServers.bindings.every(({ routing_key, destination }) => server(routing_key) === server(destination)));
});

test('the worker starts with the ConfigMap and the Secret, answers the probes from elsewhere, and ends on SIGTERM', async t => {
  await inTemporaryFolder(async folder => {
    const secret = secrets(folder).find(({ metadata }) => metadata.name === pod.volumes.find(v => v.secret).secret.secretName);
    const decoded = Object.entries(secret.data).map(([key, value]) => [key, Buffer.from(value, 'base64')]);
    const path = name => container.volumeMounts.find(mount => mount.name === name).mountPath;
    const settings = Object.entries(of('ConfigMap').data);
    const moved = settings.map(([name, content]) => [name, content.replaceAll(path('settings'), join(folder, path('settings')))]);
    mount(join(folder, path('settings')), Object.fromEntries(moved));
    mount(join(folder, path('secrets')), Object.fromEntries(decoded));
    // No name leaves this machine.
    writeFileSync(join(folder, 'hosts'), '127.0.0.1 localhost\n');
    const port = await freePort();
    const options = ['-XX:TieredStopAtLevel=1', `-Djdk.net.hosts.file=${folder}/hosts`];
    const worker = spawn('java', [...options, '-jar', join(project, 'worker/target/instance-worker.jar')], {
      env: {
        PATH: process.env.PATH,
        HOSTNAME: 'instance-worker-0',
        ...Object.fromEntries(container.env.map(({ name, value }) => [name, value.replace(/^(?=\/)/, folder)])),
        INSTANCE_WORKER_SECRETS: join(folder, path('secrets')),
        MANAGEMENT_SERVER_PORT: port,
        // At the end it would wait for servers that are not there.
        INSTANCEWORKER_SWEEP_ENABLED: 'false'
      }
    });
    const ended = once(worker, 'exit');
    let log = '';
    worker.stdout.on('data', data => (log += data));
    worker.stderr.on('data', data => (log += data));
    t.after(() => worker.kill('SIGKILL'));

    // Only a port that is open on every address answers there.
    const answer = probe => fetch(`http://127.0.0.2:${port}${container[probe].httpGet.path}`).catch(() => undefined);
    while (worker.exitCode === null && !(await answer('startupProbe'))?.ok) {
      await new Promise(resolve => setTimeout(resolve, 200));
    }
    assert.equal(worker.exitCode, null, log);
    assert.equal((await answer('livenessProbe')).status, 200);
    // RabbitMQ is not there.
    assert.equal((await answer('readinessProbe')).status, 503);
    worker.kill('SIGTERM');
    assert.deepEqual(await ended, [143, null], log);
    assert.match(log, /"service":\{"name":"instance-worker"/);
  });
});
