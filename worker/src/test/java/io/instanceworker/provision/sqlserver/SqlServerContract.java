package io.instanceworker.provision.sqlserver;

import io.instanceworker.contracts.provision.InstanceStatus;
import io.instanceworker.contracts.provision.OwnershipMark;
import io.instanceworker.contracts.provision.StillRunningException;
import io.instanceworker.provision.EngineFixture;
import io.instanceworker.provision.ProvisionerContract;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The contract on one server, without the tests that it lacks a capability for. */
abstract class SqlServerContract extends ProvisionerContract {

    private static final int MOST_CALLS = 50;

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
        return untilItEnds(() -> super.add(databaseName, template, mark));
    }

    @Override
    protected InstanceStatus copy(String databaseName, String source) {
        server.requireBackup();
        return untilItEnds(() -> super.copy(databaseName, source));
    }

    /** Calls again, under a new lock, what the server goes on with by itself. */
    static <T> T untilItEnds(Supplier<T> job) {
        for (int call = 1; ; call++) {
            try {
                return job.get();
            } catch (StillRunningException e) {
                if (call == MOST_CALLS) {
                    throw new AssertionError("The job has not ended after " + call + " calls", e);
                }
            }
        }
    }
}
