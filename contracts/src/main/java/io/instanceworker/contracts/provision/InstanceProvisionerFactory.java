package io.instanceworker.contracts.provision;

import java.util.List;

/**
 * Creates the provisioner of a configured server. Found with {@link java.util.ServiceLoader}, so it needs a public
 * constructor without parameters. Called at start, on one thread.
 */
public interface InstanceProvisionerFactory {

    /** The value of {@code instance-worker.servers.<name>.platform} for this engine, compared without regard to case. */
    String platform();

    /**
     * Checks a server's settings without connecting to the server.
     *
     * @return every mistake as {@code property: what is wrong}, the property relative to the server; empty if there is none
     */
    List<String> mistakesIn(ServerDefinition server);

    /**
     * Finds settings that work and are a risk, such as a connection whose other end is not verified. Called after
     * {@link #mistakesIn} has found nothing.
     *
     * @return for each risk what it is and what to set instead; logged at start
     */
    default List<String> risksIn(ServerDefinition server) {
        return List.of();
    }

    /** Further databases, beside the well-known ones, that the engine or the worker's login needs. No job may change them. */
    default List<String> maintenanceDatabases(ServerDefinition server) {
        return List.of();
    }

    /**
     * Creates the provisioner. It must not fail if the server is unreachable, because the worker must start for its other
     * servers.
     */
    InstanceProvisioner create(ServerDefinition server);
}
