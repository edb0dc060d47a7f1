package io.instanceworker.contracts.provision;

import java.util.List;

/**
 * Makes the provisioner of a configured server. Found with {@link java.util.ServiceLoader}, so it needs a public
 * constructor without parameters. Called at start, on one thread.
 */
public interface InstanceProvisionerFactory {

    /** The id that {@code instance-worker.servers.<name>.platform} selects it by; compared without regard to case. */
    String platform();

    /**
     * Looks at a server's settings without connecting to it.
     *
     * @return every mistake, each as {@code property: what is wrong}, the property relative to the server; empty if there is none
     */
    List<String> mistakesIn(ServerDefinition server);

    /** The databases that the engine itself or the worker's login needs there, beyond the well-known ones: never to be touched. */
    default List<String> maintenanceDatabases(ServerDefinition server) {
        return List.of();
    }

    /**
     * Makes the provisioner. It must not fail because the server is down: a server that is down at start is an ordinary
     * thing and must hold up no other.
     */
    InstanceProvisioner create(ServerDefinition server);
}
