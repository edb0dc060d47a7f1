// Checks manifests against the API schemas of Kubernetes, KEDA and the Prometheus Operator.

function packageOf(apiVersion) {
  if (apiVersion.startsWith('keda.sh/')) return '@kubernetes-models/keda';
  if (apiVersion.startsWith('monitoring.coreos.com/')) return '@kubernetes-models/prometheus-operator';
  return 'kubernetes-models';
}

/**
 * A copy that removes from {@code unread} the path of every property that is read. The published schemas accept properties that
 * they do not know, while an API server refuses them; but their validators read only those that they know.
 */
function watched(value, path, unread) {
  if (typeof value !== 'object' || value === null) return value;
  const copy = Array.isArray(value) ? [] : {};
  for (const [key, child] of Object.entries(value)) {
    unread.add(`${path}/${key}`);
    copy[key] = watched(child, `${path}/${key}`, unread);
  }
  return new Proxy(copy, {
    get(target, key) {
      unread.delete(`${path}/${String(key)}`);
      return target[key];
    }
  });
}

export async function schemaProblems(manifest) {
  const { apiVersion, kind, metadata } = manifest;
  const name = `${kind} ${metadata?.name}`;
  let model;
  try {
    model = (await import(`${packageOf(apiVersion)}/${apiVersion}/${kind}`))[kind];
  } catch {
    return [`${name}: there is no schema for ${apiVersion}`];
  }
  const unread = new Set();
  try {
    model.prototype.validate.call(watched(manifest, '', unread));
  } catch (error) {
    return [`${name}: ${error.message}`];
  }
  return [...unread].map(path => `${name}: ${path} is unknown`);
}
