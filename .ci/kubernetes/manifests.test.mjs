import assert from 'node:assert/strict';
import { test } from 'node:test';
import { renderings } from './manifests.mjs';
import { policyProblems } from './policies.mjs';
import { schemaProblems } from './schemas.mjs';

const rendered = await renderings();

for (const [name, manifests] of Object.entries(rendered)) {
  test(`${name} is what the API schemas say`, async () => {
    assert.deepEqual((await Promise.all(manifests.map(schemaProblems))).flat(), []);
  });
  test(`${name} keeps the policies`, () => assert.deepEqual(policyProblems(manifests), []));
}

/** The example with one change. */
function example(change) {
  const manifests = structuredClone(rendered['overlays/example']);
  const of = kind => manifests.find(manifest => manifest.kind === kind);
  const { spec } = of('Deployment').spec.template;
  change({ of, deployment: of('Deployment').spec, pod: spec, container: spec.containers[0], manifests });
  return manifests;
}

const keda = of => of('ScaledObject').spec;
const inFile = file => (of, from, to) => {
  of('ConfigMap').data[file] = of('ConfigMap').data[file].replace(from, to);
};
const settings = inFile('settings.yaml');
const ownSettings = inFile('application.yaml');

// What has to be found, and the change of the example that it is found in.
const BREACHES = [
  ['a Secret is rendered', ({ manifests }) => manifests.push({ kind: 'Secret', metadata: { name: 'instance-worker' } })],
  ['the ServiceAccount mounts a token', ({ of }) => delete of('ServiceAccount').automountServiceAccountToken],
  ['the pod mounts a token', ({ pod }) => (pod.automountServiceAccountToken = true)],
  ['the pod shares a namespace of its node', ({ pod }) => (pod.hostNetwork = true)],
  ['the volume node is of another kind', ({ pod }) => pod.volumes.push({ name: 'node', hostPath: { path: '/' } })],
  ['the pod may run as root', ({ pod }) => delete pod.securityContext.runAsNonRoot],
  ['the pod runs as root', ({ pod }) => (pod.securityContext.runAsUser = 0)],
  ['a container has a user or a seccomp profile of its own', ({ container }) => (container.securityContext.runAsUser = 0)],
  ['a container has a user or a seccomp profile of its own', ({ container }) => (container.securityContext.runAsNonRoot = false)],
  [
    'a container has a user or a seccomp profile of its own',
    ({ container }) => (container.securityContext.seccompProfile = { type: 'Unconfined' })
  ],
  ['the pod has no seccomp profile', ({ pod }) => delete pod.securityContext.seccompProfile],
  ['a container is privileged', ({ container }) => (container.securityContext.privileged = true)],
  ['a container may escalate its privileges', ({ container }) => delete container.securityContext.allowPrivilegeEscalation],
  ['a container may write to its root file system', ({ container }) => delete container.securityContext.readOnlyRootFilesystem],
  ['a container keeps capabilities', ({ container }) => (container.securityContext.capabilities.drop = ['NET_RAW'])],
  ['a container keeps capabilities', ({ container }) => (container.securityContext.capabilities.add = ['SYS_ADMIN'])],
  ['a container has no requests', ({ container }) => delete container.resources.requests.cpu],
  ['a container has no limits', ({ container }) => delete container.resources.limits.memory],
  ['an environment variable is a secret', ({ container }) => container.env.push({ name: 'RABBITMQ_PASSWORD', value: 'x' })],
  [
    'an environment variable is a secret',
    ({ container }) => container.env.push({ name: 'A', valueFrom: { secretKeyRef: { name: 'instance-worker', key: 'a' } } })
  ],
  ['an environment variable is a secret', ({ container }) => (container.envFrom = [{ secretRef: { name: 'instance-worker' } }])],
  ['a secret is in the ConfigMap', ({ of }) => settings(of, 'username: ', 'password: x\n      username: ')],
  ['everybody may read the secrets', ({ pod }) => (pod.volumes.find(volume => volume.secret).secret.defaultMode = 0o444)],
  ['everybody may read the secrets', ({ pod }) => delete pod.volumes.find(volume => volume.secret).secret.defaultMode],
  ['would not be updated', ({ container }) => (container.volumeMounts[1].subPath = 'a')],
  ['the volume tmp is not there', ({ pod }) => pod.volumes.pop()],
  ['names no ConfigMap that is rendered', ({ pod }) => (pod.volumes.find(volume => volume.configMap).configMap.name = 'other')],
  ['the volume tmp has no size limit', ({ pod }) => (pod.volumes.find(volume => volume.emptyDir).emptyDir = {})],
  ['the startupProbe does not ask', ({ container }) => delete container.startupProbe],
  ['the livenessProbe does not ask', ({ container }) => delete container.livenessProbe],
  ['the readinessProbe does not ask', ({ container }) => delete container.readinessProbe],
  ['the livenessProbe does not ask', ({ container }) => (container.livenessProbe.httpGet.path = '/actuator/health/readiness')],
  ['asks a port that is not there', ({ container }) => (container.livenessProbe.httpGet.port = 'http')],
  ['is not longer than shutdown-grace', ({ pod }) => (pod.terminationGracePeriodSeconds = 3600)],
  ['is not longer than shutdown-grace', ({ of }) => settings(of, 'instance-worker:', 'instance-worker:\n  shutdown-grace: 2h')],
  ['the worker declares its queues', ({ of }) => settings(of, 'instance-worker:', 'instance-worker:\n  declare-topology: true')],
  ['the worker declares its queues', ({ of }) => ownSettings(of, 'declare-topology: false', '')],
  ['probes cannot reach the management port', ({ of }) => ownSettings(of, '0.0.0.0', '127.0.0.1')],
  ['there is no PodDisruptionBudget', ({ manifests, of }) => manifests.splice(manifests.indexOf(of('PodDisruptionBudget')), 1)],
  ['may block the drain of a node', ({ of }) => (of('PodDisruptionBudget').spec.maxUnavailable = 0)],
  ['the pods are not spread', ({ pod }) => delete pod.topologySpreadConstraints],
  ['the selector of the Deployment', ({ deployment }) => (deployment.selector.matchLabels = { a: 'b' })],
  ['the selector of the topology spread', ({ pod }) => (pod.topologySpreadConstraints[1].labelSelector = {})],
  ['the selector of the PodDisruptionBudget', ({ of }) => (of('PodDisruptionBudget').spec.selector.matchLabels = { a: 'b' })],
  ['the selector of the PodMonitor', ({ of }) => (of('PodMonitor').spec.selector.matchLabels = { a: 'b' })],
  ['the PodMonitor does not read', ({ of }) => (of('PodMonitor').spec.podMetricsEndpoints[0].port = 'http')],
  ['the PodMonitor does not read', ({ of }) => (of('PodMonitor').spec.podMetricsEndpoints[0].path = '/metrics')],
  ['the selector of the NetworkPolicy', ({ of }) => (of('NetworkPolicy').spec.podSelector = {})],
  ['restricts one direction only', ({ of }) => of('NetworkPolicy').spec.policyTypes.pop()],
  ['the NetworkPolicy lets everybody in', ({ of }) => delete of('NetworkPolicy').spec.ingress[0].from],
  ['the NetworkPolicy opens another port', ({ of }) => delete of('NetworkPolicy').spec.ingress[0].ports],
  ['the NetworkPolicy permits every port', ({ of }) => of('NetworkPolicy').spec.egress.push({})],
  ['closes a port of the settings', ({ of }) => settings(of, ':5432/', ':6432/')],
  ['closes a port of the settings', ({ of }) => settings(of, 'rabbitmq:', 'rabbitmq:\n    port: 5673')],
  ['both set the number of pods', ({ deployment }) => (deployment.replicas = 2)],
  ['the ScaledObject scales another Deployment', ({ of }) => (keda(of).scaleTargetRef.name = 'other')],
  ['the numbers of pods make no sense', ({ of }) => (keda(of).minReplicaCount = 0)],
  ['the scale-down is not slow', ({ of }) => delete keda(of).advanced],
  ['does not count running jobs', ({ of }) => (keda(of).triggers[0].metadata.protocol = 'amqp')],
  ['does not count running jobs', ({ of }) => (keda(of).triggers[0].metadata.excludeUnacknowledged = 'true')],
  ['would stop workers with running jobs', ({ of }) => (keda(of).triggers[0].metadata.value = '10')],
  ['has no login', ({ manifests, of }) => manifests.splice(manifests.indexOf(of('TriggerAuthentication')), 1)],
  ['and the queues are', ({ of }) => keda(of).triggers.pop()],
  ['and the queues are', ({ of }) => settings(of, '    south:', '    west:')]
];

BREACHES.forEach(([problem, change], number) =>
  test(`breach ${number} of the policies is found: ${problem}`, () => {
    assert.match(policyProblems(example(change)).join('\n'), new RegExp(problem));
  })
);

const MISTAKES = {
  'a property that does not exist': ({ container }) => (container.livnessProbe = {}),
  'a property of another kind': ({ container }) => (container.ports[0].containerPort = 'management'),
  'a value that does not exist': ({ deployment }) => (deployment.strategy.type = 'Rolling'),
  'a property that is missing': ({ pod }) => delete pod.containers,
  'a property that KEDA does not know': ({ of }) => (keda(of).maxReplicas = 3),
  'a property that the Prometheus Operator does not know': ({ of }) => (of('PodMonitor').spec.endpoints = []),
  'a kind that does not exist': ({ of }) => (of('Deployment').apiVersion = 'apps/v2')
};

for (const [name, change] of Object.entries(MISTAKES)) {
  test(`found by the API schemas: ${name}`, async () => {
    assert.equal((await Promise.all(example(change).map(schemaProblems))).flat().length, 1);
  });
}
