package io.instanceworker.provision.fake;

import io.instanceworker.contracts.provision.InstanceProvisioner;
import io.instanceworker.contracts.provision.InstanceProvisionerFactory;
import io.instanceworker.contracts.provision.ServerDefinition;
import java.util.List;

/** Platform {@code memory}: one fake for every server that is made with it. */
public record InMemoryFactory(InstanceProvisioner provisioner) implements InstanceProvisionerFactory {

    @Override
    public String platform() {
        return "memory";
    }

    @Override
    public List<String> mistakesIn(ServerDefinition server) {
        return server.url().startsWith("memory:") ? List.of() : List.of("url: must begin with memory:");
    }

    @Override
    public InstanceProvisioner create(ServerDefinition server) {
        return provisioner;
    }
}
