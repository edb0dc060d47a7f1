package io.instanceworker.job;

import io.instanceworker.contracts.InstanceRef;
import io.instanceworker.contracts.InstanceState;
import io.instanceworker.contracts.job.StatusPageJob;
import io.instanceworker.contracts.provision.InstanceProvisioner;
import io.instanceworker.contracts.provision.InstanceStatus;
import io.instanceworker.contracts.provision.TrashMark;
import io.instanceworker.contracts.provision.TrashedInstance;
import io.instanceworker.contracts.result.StateReport;
import io.instanceworker.contracts.result.StatusPage;
import io.instanceworker.provision.Server;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A page of the deleted databases in the trash of one server, ordered by their former names and then by age. */
final class TrashPage {

    private static final Comparator<TrashedInstance> BY_NAME_OLDEST_FIRST = Comparator.comparing(
                    (TrashedInstance each) -> each.mark().databaseName())
            .thenComparing(each -> each.mark().deletedAt())
            .thenComparing(TrashedInstance::databaseName);

    private final Server server;
    private final InstanceProvisioner provisioner;
    private final StatusPageJob job;

    TrashPage(Server server, StatusPageJob job) {
        this.server = server;
        this.provisioner = server.provisioner();
        this.job = job;
    }

    OperationResult read() {
        List<TrashedInstance> chosen = provisioner.trash().stream()
                .filter(this::matches)
                .sorted(BY_NAME_OLDEST_FIRST)
                .toList();
        SortedMap<InstanceState, Integer> stateCounts = new TreeMap<>();
        chosen.forEach(each -> stateCounts.merge(each.state(), 1, Integer::sum));
        List<TrashedInstance> onPage = chosen.stream()
                .skip((job.page() - 1L) * job.perPage())
                .limit(job.perPage())
                .toList();
        Map<String, InstanceStatus> measured = job.sizes() ? measured(onPage) : Map.of();
        List<StatusPage.Entry> entries = onPage.stream()
                .map(each -> entry(each, measured.get(each.databaseName())))
                .toList();
        StatusPage page = new StatusPage(entries, job.page(), job.perPage(), chosen.size(), stateCounts);
        return new OperationResult(false, null, null, page, null);
    }

    private boolean matches(TrashedInstance each) {
        StatusPageJob.Filter filter = job.filter();
        TrashMark mark = each.mark();
        return (filter.tenant() == null || filter.tenant().equals(mark.tenant()))
                && (filter.state() == null || filter.state() == each.state())
                && (filter.namePrefix() == null || mark.databaseName().startsWith(filter.namePrefix()));
    }

    private Map<String, InstanceStatus> measured(List<TrashedInstance> onPage) {
        Map<String, InstanceStatus> measured = new HashMap<>();
        provisioner
                .measure(onPage.stream().map(TrashedInstance::databaseName).toList())
                .forEach(status -> measured.put(status.databaseName(), status));
        return measured;
    }

    private StatusPage.Entry entry(TrashedInstance each, @Nullable InstanceStatus measured) {
        TrashMark mark = each.mark();
        return new StatusPage.Entry(
                new InstanceRef(mark.instanceId(), mark.tenant(), null, mark.databaseName()),
                StateReport.of(each.state()),
                measured == null ? null : measured.sizeBytes(),
                measured == null ? null : measured.activeConnections(),
                new StatusPage.Trash(
                        each.databaseName(),
                        mark.deletedAt(),
                        mark.jobId(),
                        mark.deletedAt().plus(server.rules().trashRetention())));
    }
}
