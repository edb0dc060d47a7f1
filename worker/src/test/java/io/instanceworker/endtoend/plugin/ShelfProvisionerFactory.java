package io.instanceworker.endtoend.plugin;

import io.instanceworker.contracts.provision.DatabaseNameRules;
import io.instanceworker.contracts.provision.DatabaseNameRules.LengthUnit;
import io.instanceworker.contracts.provision.InstanceProvisioner;
import io.instanceworker.contracts.provision.InstanceProvisionerFactory;
import io.instanceworker.contracts.provision.ServerDefinition;
import java.util.List;

/** Platform {@code shelf}: databases are books on a shelf, and there is one shelf for each server. */
public final class ShelfProvisionerFactory implements InstanceProvisionerFactory {

    static final DatabaseNameRules RULES = new DatabaseNameRules(40, LengthUnit.UTF16_CODE_UNITS, false, "draft_");

    @Override
    public String platform() {
        return "shelf";
    }

    @Override
    public List<String> mistakesIn(ServerDefinition server) {
        return server.url().startsWith("shelf:") ? List.of() : List.of("url: must be shelf:<name>");
    }

    @Override
    public InstanceProvisioner create(ServerDefinition server) {
        return new ShelfProvisioner();
    }
}
