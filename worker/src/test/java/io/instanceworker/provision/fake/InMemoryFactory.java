package io.instanceworker.provision.fake;

import io.instanceworker.contracts.provision.InstanceProvisioner;
import io.instanceworker.contracts.provision.InstanceProvisionerFactory;
import io.instanceworker.contracts.provision.ServerDefinition;
import java.util.List;

/** One fake for every server of the platform. */
public record InMemoryFactory(String platform, InstanceProvisioner provisioner) implements InstanceProvisionerFactory {

    @Override
    public List<String> mistakesIn(ServerDefinition server) {
        return server.url().startsWith("memory:") ? List.of() : List.of("url: must begin with memory:");
    }

    @Override
    public InstanceProvisioner create(ServerDefinition server) {
        return provisioner;
    }
}
