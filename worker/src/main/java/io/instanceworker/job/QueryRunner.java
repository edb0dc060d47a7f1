package io.instanceworker.job;

import io.instanceworker.contracts.ErrorCode;
import io.instanceworker.contracts.InstanceRef;
import io.instanceworker.contracts.InstanceState;
import io.instanceworker.contracts.job.StatusPageJob;
import io.instanceworker.contracts.provision.InstanceProvisioner;
import io.instanceworker.contracts.provision.InstanceStatus;
import io.instanceworker.contracts.provision.OwnershipMark;
import io.instanceworker.contracts.provision.ProvisioningException;
import io.instanceworker.contracts.result.StateReport;
import io.instanceworker.contracts.result.StatusPage;
import io.instanceworker.provision.Server;
import io.instanceworker.provision.Target;
import java.util.Comparator;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.function.Supplier;

/** Runs the queries (Info, Status) on one server. A query takes no lock, so it never waits for a change. */
final class QueryRunner {

    private final Server server;
    private final InstanceProvisioner provisioner;

    QueryRunner(Server server) {
        this.server = server;
        this.provisioner = server.provisioner();
    }

    OperationResult status(Target target) {
        InstanceStatus status = query(() -> provisioner.instanceStatus(target.databaseName()));
        return OperationResult.found(StateReport.of(status.state()));
    }

    OperationResult info(Target target) {
        InstanceStatus status = query(() -> provisioner.instanceInfo(target.databaseName()));
        if (status.info() == null) {
            throw new ProvisioningException(
                    ErrorCode.INSTANCE_NOT_FOUND,
                    "There is no database \"" + target.databaseName() + "\" on this server"
                            + (status.state() == InstanceState.NOT_FOUND ? "." : " yet: it is being made."));
        }
        return new OperationResult(
                false,
                StateReport.of(status.state()),
                status.info(),
                null,
                server.connectionString(target.databaseName()));
    }

    OperationResult page(StatusPageJob job) {
        return query(() -> job.trash() ? new TrashPage(server, job).read() : databases(job));
    }

    private OperationResult databases(StatusPageJob job) {
        List<InstanceStatus> chosen = provisioner.instances().stream()
                .filter(status -> job.all() || status.mark() != null)
                .filter(matching(job.filter()))
                .sorted(Comparator.comparing(InstanceStatus::databaseName))
                .toList();
        SortedMap<InstanceState, Integer> stateCounts = new TreeMap<>();
        chosen.forEach(status -> stateCounts.merge(status.state(), 1, Integer::sum));
        List<InstanceStatus> onPage = chosen.stream()
                .skip((job.page() - 1L) * job.perPage())
                .limit(job.perPage())
                .toList();
        List<StatusPage.Entry> entries = (job.sizes() ? measured(onPage) : onPage)
                .stream().map(QueryRunner::entry).toList();
        return new OperationResult(
                false,
                null,
                null,
                new StatusPage(entries, job.page(), job.perPage(), chosen.size(), stateCounts),
                null);
    }

    private List<InstanceStatus> measured(List<InstanceStatus> onPage) {
        return provisioner
                .measure(onPage.stream().map(InstanceStatus::databaseName).toList())
                .stream()
                .sorted(Comparator.comparing(InstanceStatus::databaseName))
                .toList();
    }

    private static Predicate<InstanceStatus> matching(StatusPageJob.Filter filter) {
        return status -> (filter.tenant() == null
                        || (status.mark() != null
                                && filter.tenant().equals(status.mark().tenant())))
                && (filter.state() == null || filter.state() == status.state())
                && (filter.namePrefix() == null || status.databaseName().startsWith(filter.namePrefix()));
    }

    private static StatusPage.Entry entry(InstanceStatus status) {
        OwnershipMark mark = status.mark();
        InstanceRef instance = mark == null
                ? new InstanceRef(null, null, null, status.databaseName())
                : new InstanceRef(mark.instanceId(), mark.tenant(), null, status.databaseName());
        return new StatusPage.Entry(
                instance, StateReport.of(status.state()), status.sizeBytes(), status.activeConnections());
    }

    private <T> T query(Supplier<T> query) {
        try {
            return server.guard().reach(query);
        } catch (ProvisioningException e) {
            throw NotStartedException.where(e);
        }
    }
}
