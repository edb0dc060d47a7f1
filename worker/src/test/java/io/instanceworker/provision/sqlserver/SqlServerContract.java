package io.instanceworker.provision.sqlserver;

import io.instanceworker.contracts.provision.InstanceStatus;
import io.instanceworker.contracts.provision.OwnershipMark;
import io.instanceworker.provision.EngineFixture;
import io.instanceworker.provision.ProvisionerContract;
import org.jspecify.annotations.Nullable;

/** The contract on one server, without the tests that it lacks a capability for. */
abstract class SqlServerContract extends ProvisionerContract {

    protected TestServer server;

    protected abstract TestServer server();

    @Override
    protected EngineFixture openBench() {
        server = server();
        return new SqlServerFixture(server);
    }

    @Override
    protected InstanceStatus add(String databaseName, @Nullable String template, OwnershipMark mark) {
        if (template != null) {
            server.requireBackup();
        }
        return super.add(databaseName, template, mark);
    }

    @Override
    protected InstanceStatus copy(String databaseName, String source) {
        server.requireBackup();
        return super.copy(databaseName, source);
    }
}
