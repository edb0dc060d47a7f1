// Our own rules for what deploy/kubernetes renders.
import { parse } from 'yaml';

const SECRET = /password|secret|token|credential/i;
const SECONDS = { s: 1, m: 60, h: 3600 };
/** From the end of shutdown-grace to the end of the process. */
const MARGIN_SECONDS = 60;

function seconds(duration) {
  const [, number, unit] = /^(\d+)([smh])$/.exec(duration);
  return number * SECONDS[unit];
}

function keysOf(value) {
  if (typeof value !== 'object' || value === null) return [];
  return [...(Array.isArray(value) ? [] : Object.keys(value)), ...Object.values(value).flatMap(keysOf)];
}

/** The worker's settings; those of settings.yaml have precedence. */
export function settingsOf(configMap) {
  const files = ['application.yaml', 'settings.yaml'].map(name => parse(configMap?.data?.[name] ?? '{}'));
  return {
    files,
    servers: files[1]['instance-worker']?.servers ?? {},
    rabbitPort: files[1].spring?.rabbitmq?.port ?? (files[1].spring?.rabbitmq?.ssl ? 5671 : 5672),
    shutdownGrace: files[1]['instance-worker']?.['shutdown-grace'] ?? files[0]['instance-worker']?.['shutdown-grace'] ?? '10m',
    declaresTopology: files[1]['instance-worker']?.['declare-topology'] ?? files[0]['instance-worker']?.['declare-topology'] ?? true
  };
}

export function queuesOf(servers) {
  const names = Object.keys(servers);
  const suffixes = names.length > 1 ? ['', ...names.map(name => `.${name}`)] : [''];
  return suffixes.flatMap(suffix => ['provision', 'query'].map(queue => `instance.jobs.${queue}${suffix}`));
}

/** What is wrong with these manifests; empty if nothing is. */
export function policyProblems(manifests) {
  const problems = [];
  const of = kind => manifests.filter(manifest => manifest.kind === kind);
  const named = (kind, name) => of(kind).find(manifest => manifest.metadata.name === name);
  const must = (holds, problem) => holds || problems.push(problem);

  must(of('Secret').length === 0, 'a Secret is rendered');
  must(of('Deployment').length === 1, 'there is not one Deployment');
  const deployment = of('Deployment')[0];
  const pod = deployment.spec.template.spec;
  const labels = deployment.spec.template.metadata.labels;
  const ports = pod.containers.flatMap(container => container.ports ?? []);
  const volumes = pod.volumes ?? [];
  const configMap = named('ConfigMap', volumes.find(volume => volume.configMap)?.configMap.name);
  const settings = settingsOf(configMap);

  // The pod
  const account = named('ServiceAccount', pod.serviceAccountName);
  must(account?.automountServiceAccountToken === false, 'the ServiceAccount mounts a token');
  must(pod.automountServiceAccountToken === false, 'the pod mounts a token of its ServiceAccount');
  must(!pod.hostNetwork && !pod.hostPID && !pod.hostIPC, 'the pod shares a namespace of its node');
  must(pod.securityContext?.runAsNonRoot === true, 'the pod may run as root');
  must(pod.securityContext?.runAsUser > 0, 'the pod runs as root, or as no numeric user');
  must(pod.securityContext?.seccompProfile?.type === 'RuntimeDefault', 'the pod has no seccomp profile');
  must(
    pod.terminationGracePeriodSeconds >= seconds(settings.shutdownGrace) + MARGIN_SECONDS,
    'terminationGracePeriodSeconds is not longer than shutdown-grace'
  );
  must(configMap, 'the volume of the settings names no ConfigMap that is rendered');
  for (const volume of volumes) {
    must(volume.configMap || volume.secret || volume.emptyDir, `the volume ${volume.name} is of another kind`);
    must(!volume.emptyDir || volume.emptyDir.sizeLimit, `the volume ${volume.name} has no size limit`);
    must(!volume.secret || ((volume.secret.defaultMode ?? 0o644) & 0o007) === 0, `everybody may read the secrets in ${volume.name}`);
  }

  // Its containers
  for (const container of [...(pod.initContainers ?? []), ...pod.containers]) {
    const { securityContext = {}, resources = {}, env = [], envFrom = [], volumeMounts = [] } = container;
    must(
      ['runAsUser', 'runAsNonRoot', 'seccompProfile'].every(property => !(property in securityContext)),
      'a container has a user or a seccomp profile of its own'
    );
    must(!securityContext.privileged, 'a container is privileged');
    must(securityContext.allowPrivilegeEscalation === false, 'a container may escalate its privileges');
    must(securityContext.readOnlyRootFilesystem === true, 'a container may write to its root file system');
    const { drop, add } = securityContext.capabilities ?? {};
    must(drop?.includes('ALL') && !add, 'a container keeps capabilities');
    for (const kind of ['requests', 'limits']) {
      must(resources[kind]?.cpu && resources[kind]?.memory, `a container has no ${kind}`);
    }
    must(
      !env.some(({ name, valueFrom }) => SECRET.test(name) || valueFrom?.secretKeyRef) && !envFrom.some(source => source.secretRef),
      'an environment variable is a secret'
    );
    for (const mount of volumeMounts) {
      must(volumes.some(volume => volume.name === mount.name), `the volume ${mount.name} is not there`);
      must(!mount.subPath, `the files in ${mount.mountPath} would not be updated`);
    }
    for (const probe of ['startupProbe', 'livenessProbe', 'readinessProbe']) {
      const path = `/actuator/health/${probe === 'readinessProbe' ? 'readiness' : 'liveness'}`;
      must(container[probe]?.httpGet?.path === path, `the ${probe} does not ask ${path}`);
      must(ports.some(port => port.name === container[probe]?.httpGet?.port), `the ${probe} asks a port that is not there`);
    }
  }
  must(!settings.files.flatMap(keysOf).some(key => SECRET.test(key)), 'a secret is in the ConfigMap');
  must(!settings.declaresTopology, 'the worker declares its queues, which its user at RabbitMQ may not');
  must(settings.files[0].management?.server?.address === '0.0.0.0', 'probes cannot reach the management port');

  // What refers to the pods
  const selectors = [
    ['Deployment', deployment.spec.selector],
    ...(pod.topologySpreadConstraints ?? []).map(constraint => ['topology spread', constraint.labelSelector]),
    ...of('PodDisruptionBudget').map(budget => ['PodDisruptionBudget', budget.spec.selector]),
    ...of('NetworkPolicy').map(policy => ['NetworkPolicy', policy.spec.podSelector]),
    ...of('PodMonitor').map(monitor => ['PodMonitor', monitor.spec.selector])
  ];
  for (const [name, selector] of selectors) {
    const pairs = Object.entries(selector?.matchLabels ?? {});
    const matches = pairs.length > 0 && pairs.every(([label, value]) => labels[label] === value);
    must(matches, `the selector of the ${name} does not match the pods`);
  }
  must(pod.topologySpreadConstraints?.length > 0, 'the pods are not spread');
  must(of('PodDisruptionBudget').length === 1, 'there is no PodDisruptionBudget');
  must(
    of('PodDisruptionBudget').every(budget => budget.spec.maxUnavailable >= 1),
    'the PodDisruptionBudget may block the drain of a node'
  );
  for (const endpoint of of('PodMonitor').flatMap(monitor => monitor.spec.podMetricsEndpoints)) {
    const reads = ports.some(port => port.name === endpoint.port) && endpoint.path === '/actuator/prometheus';
    must(reads, 'the PodMonitor does not read the metrics');
  }
  for (const { spec } of of('NetworkPolicy')) {
    must(['Ingress', 'Egress'].every(type => spec.policyTypes?.includes(type)), 'the NetworkPolicy restricts one direction only');
    must((spec.ingress ?? []).every(rule => rule.from?.length > 0), 'the NetworkPolicy lets everybody in');
    const into = (spec.ingress ?? []).flatMap(rule => rule.ports ?? []).map(port => port.port);
    must(into.length === 1 && ports.some(port => port.name === into[0]), 'the NetworkPolicy opens another port');
    const out = (spec.egress ?? []).flatMap(rule => rule.ports ?? [{}]).map(port => port.port);
    const needed = Object.values(settings.servers).map(server => Number(/:(\d+)/.exec(server.url)?.[1]));
    must(out.every(port => port), 'the NetworkPolicy permits every port');
    must([53, settings.rabbitPort, ...needed].every(port => out.includes(port)), 'the NetworkPolicy closes a port of the settings');
  }

  // KEDA
  for (const { spec } of of('ScaledObject')) {
    must(spec.scaleTargetRef.name === deployment.metadata.name, 'the ScaledObject scales another Deployment');
    must(deployment.spec.replicas === undefined, 'KEDA and the Deployment both set the number of pods');
    must(spec.minReplicaCount >= 1 && spec.maxReplicaCount > spec.minReplicaCount, 'the numbers of pods make no sense');
    const down = spec.advanced?.horizontalPodAutoscalerConfig?.behavior?.scaleDown;
    must(
      down?.stabilizationWindowSeconds >= 300 && down.policies?.length === 1 && down.policies[0].type === 'Pods' &&
        down.policies[0].value === 1,
      'the scale-down is not slow'
    );
    const queues = spec.triggers.map(trigger => trigger.metadata.queueName);
    const expected = queuesOf(settings.servers);
    must(
      JSON.stringify(queues.sort()) === JSON.stringify(expected.sort()),
      `the triggers are for ${queues.join(', ')}, and the queues are ${expected.join(', ')}`
    );
    for (const { metadata, authenticationRef, type } of spec.triggers) {
      const counts = type === 'rabbitmq' && metadata.protocol === 'http' && metadata.mode === 'QueueLength';
      must(counts && !metadata.excludeUnacknowledged, `the trigger for ${metadata.queueName} does not count running jobs`);
      must(named('TriggerAuthentication', authenticationRef?.name), `the trigger for ${metadata.queueName} has no login`);
      const server = settings.servers[metadata.queueName.replace('instance.jobs.provision.', '')];
      must(
        !metadata.queueName.startsWith('instance.jobs.provision') || Number(metadata.value) <= (server?.['max-concurrent-jobs'] ?? 2),
        `the trigger for ${metadata.queueName} would stop workers with running jobs`
      );
    }
  }
  return problems;
}
