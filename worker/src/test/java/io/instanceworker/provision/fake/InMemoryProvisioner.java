package io.instanceworker.provision.fake;

import io.instanceworker.contracts.ErrorCode;
import io.instanceworker.contracts.InstanceState;
import io.instanceworker.contracts.provision.AddInstance;
import io.instanceworker.contracts.provision.CopyInstance;
import io.instanceworker.contracts.provision.DatabaseNameRules;
import io.instanceworker.contracts.provision.DatabaseNameRules.LengthUnit;
import io.instanceworker.contracts.provision.InstanceLock;
import io.instanceworker.contracts.provision.InstanceProvisioner;
import io.instanceworker.contracts.provision.InstanceStatus;
import io.instanceworker.contracts.provision.Leftover;
import io.instanceworker.contracts.provision.LockRequest;
import io.instanceworker.contracts.provision.OwnershipMark;
import io.instanceworker.contracts.provision.ProvisioningException;
import io.instanceworker.contracts.provision.ServerAddress;
import io.instanceworker.contracts.provision.StepListener;
import io.instanceworker.contracts.provision.TrashInstance;
import io.instanceworker.contracts.provision.TrashMark;
import io.instanceworker.contracts.provision.TrashedInstance;
import io.instanceworker.contracts.result.InstanceInfo;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Supplier;

/** A fake engine that keeps its databases in memory and passes the same contract as a real one. */
public final class InMemoryProvisioner implements InstanceProvisioner {

    private static final DatabaseNameRules RULES =
            new DatabaseNameRules(63, LengthUnit.UTF8_BYTES, true, "iw_staging_");

    /** One of its databases. */
    public static final class Database {
        public final List<String> rows = new ArrayList<>();
        public InstanceState state = InstanceState.ONLINE;
        public OwnershipMark mark;
        public boolean markUnreadable;
        TrashMark trashMark;
        final String identity = UUID.randomUUID().toString();
    }

    private record Unfinished(String databaseName, Duration age) {}

    private final Map<String, Database> databases = new TreeMap<>();
    private Supplier<Instant> now = Instant::now;
    private final Map<String, Unfinished> leftovers = new TreeMap<>();
    private final Set<String> exclusive = new HashSet<>();
    private final Map<String, Integer> shared = new HashMap<>();

    /** The databases themselves, to look at and to prepare; guarded by this provisioner's monitor. */
    public Map<String, Database> databases() {
        return databases;
    }

    /** Sets the server's clock. */
    public synchronized void clock(Supplier<Instant> clock) {
        now = clock;
    }

    /** Leaves behind what a crash leaves of an attempt to make the database; told by its name. */
    public synchronized String leave(String databaseName, Duration age) {
        String name = "iw_staging_" + databaseName + "_" + leftovers.size();
        leftovers.put(name, new Unfinished(databaseName, age));
        return name;
    }

    /** The names of all that {@link #leave} left and that is still there. */
    public synchronized Set<String> left() {
        return Set.copyOf(leftovers.keySet());
    }

    @Override
    public DatabaseNameRules nameRules() {
        return RULES;
    }

    @Override
    public ServerAddress address() {
        return new ServerAddress("memory.example", 1);
    }

    @Override
    public synchronized Optional<InstanceLock> tryLock(LockRequest request, StepListener steps) {
        boolean free = request.exclusive().stream().noneMatch(n -> exclusive.contains(n) || shared.containsKey(n))
                && request.shared().stream().noneMatch(exclusive::contains);
        if (!free) {
            return Optional.empty();
        }
        exclusive.addAll(request.exclusive());
        request.shared().forEach(n -> shared.merge(n, 1, Integer::sum));
        return Optional.of(new Lock(request, steps));
    }

    private final class Lock implements InstanceLock {
        private final LockRequest request;
        private final StepListener steps;

        private Lock(LockRequest request, StepListener steps) {
            this.request = request;
            this.steps = steps;
        }

        @Override
        public void close() {
            synchronized (InMemoryProvisioner.this) {
                exclusive.removeAll(request.exclusive());
                request.shared().forEach(n -> shared.computeIfPresent(n, (k, count) -> count == 1 ? null : count - 1));
            }
        }
    }

    @Override
    public synchronized void addInstance(InstanceLock lock, AddInstance request, Runnable atCommit) {
        make(
                lock,
                request.databaseName(),
                request.templateDatabase(),
                request.mark(),
                ErrorCode.TEMPLATE_NOT_FOUND,
                atCommit);
    }

    @Override
    public synchronized void copyInstance(InstanceLock lock, CopyInstance request, Runnable atCommit) {
        make(
                lock,
                request.databaseName(),
                request.sourceDatabase(),
                request.mark(),
                ErrorCode.SOURCE_NOT_FOUND,
                atCommit);
    }

    private void make(
            InstanceLock lock,
            String name,
            String source,
            OwnershipMark mark,
            ErrorCode whenSourceIsAbsent,
            Runnable atCommit) {
        check(name);
        ((Lock) lock).steps.at("create");
        Database made = new Database();
        if (source != null) {
            if (!databases.containsKey(source)) {
                throw new ProvisioningException(whenSourceIsAbsent, "no " + source);
            }
            made.rows.addAll(databases.get(source).rows);
        }
        if (databases.containsKey(name)) {
            throw new ProvisioningException(ErrorCode.INSTANCE_CONFLICT, name + " is there");
        }
        made.mark = mark;
        atCommit.run();
        databases.put(name, made);
    }

    @Override
    public synchronized void adoptInstance(
            InstanceLock lock, String databaseName, OwnershipMark mark, Runnable atCommit) {
        check(databaseName);
        ((Lock) lock).steps.at("adopt");
        Database found = databases.get(databaseName);
        if (found == null) {
            throw new ProvisioningException(ErrorCode.INSTANCE_NOT_FOUND, "no " + databaseName);
        }
        if (found.mark != null || found.markUnreadable) {
            throw new ProvisioningException(ErrorCode.INSTANCE_CONFLICT, databaseName + " is marked");
        }
        atCommit.run();
        found.mark = mark;
    }

    @Override
    public synchronized void trashInstance(InstanceLock lock, TrashInstance request, Runnable atCommit) {
        check(request.databaseName());
        check(request.trashName());
        ((Lock) lock).steps.at("trash");
        atCommit.run();
        Database deleted = databases.remove(request.databaseName());
        deleted.trashMark = request.mark(now.get().truncatedTo(ChronoUnit.MILLIS), null);
        databases.put(request.trashName(), deleted);
    }

    @Override
    public synchronized List<TrashedInstance> trash() {
        return databases.entrySet().stream()
                .filter(each -> DatabaseNameRules.isTrash(each.getKey()) && each.getValue().trashMark != null)
                .map(each -> new TrashedInstance(
                        each.getKey(),
                        InstanceState.OFFLINE,
                        each.getValue().trashMark,
                        Duration.between(each.getValue().trashMark.deletedAt(), now.get())))
                .toList();
    }

    @Override
    public synchronized void restoreInstance(InstanceLock lock, TrashedInstance trashed, Runnable atCommit) {
        String name = trashed.mark().databaseName();
        ((Lock) lock).steps.at("restore");
        Database found = databases.get(trashed.databaseName());
        if (found == null || !trashed.mark().equals(found.trashMark)) {
            throw new ProvisioningException(ErrorCode.INSTANCE_NOT_FOUND, "not in the trash");
        }
        if (databases.containsKey(name)) {
            throw new ProvisioningException(ErrorCode.INSTANCE_CONFLICT, name + " is there");
        }
        atCommit.run();
        databases.remove(trashed.databaseName());
        found.trashMark = null;
        databases.put(name, found);
    }

    @Override
    public synchronized boolean dropTrashed(TrashedInstance trashed, Duration retention) {
        boolean found = trash().stream()
                .anyMatch(each -> each.databaseName().equals(trashed.databaseName())
                        && each.mark().equals(trashed.mark())
                        && each.age().compareTo(retention) > 0);
        return found
                && !exclusive.contains(trashed.mark().databaseName())
                && databases.remove(trashed.databaseName()) != null;
    }

    @Override
    public synchronized void deleteInstance(InstanceLock lock, String databaseName) {
        check(databaseName);
        if (DatabaseNameRules.isTrash(databaseName)) {
            throw new ProvisioningException(ErrorCode.PROTECTED_DATABASE, "in the trash");
        }
        ((Lock) lock).steps.at("drop");
        databases.remove(databaseName);
    }

    @Override
    public synchronized void removeLeftovers(InstanceLock lock, String databaseName) {
        leftovers.values().removeIf(left -> left.databaseName().equals(databaseName));
    }

    @Override
    public synchronized List<Leftover> leftovers() {
        return leftovers.entrySet().stream()
                .map(left -> new Leftover(left.getKey(), left.getValue().age()))
                .toList();
    }

    @Override
    public synchronized boolean removeLeftover(Leftover leftover) {
        Unfinished left = leftovers.get(leftover.databaseName());
        boolean free =
                left != null && !exclusive.contains(left.databaseName()) && !shared.containsKey(left.databaseName());
        return free && leftovers.remove(leftover.databaseName()) != null;
    }

    private static void check(String name) {
        if (name.isEmpty() || name.indexOf('\0') >= 0) {
            throw new ProvisioningException(ErrorCode.INVALID_NAME, "no name");
        }
        if (!RULES.fits(name)) {
            throw new ProvisioningException(ErrorCode.NAME_TOO_LONG, "too long");
        }
    }

    @Override
    public synchronized InstanceStatus instanceInfo(String databaseName) {
        return databases.containsKey(databaseName) ? measured(databaseName) : status(databaseName);
    }

    @Override
    public synchronized InstanceStatus instanceStatus(String databaseName) {
        return status(databaseName);
    }

    @Override
    public synchronized InstanceStatus verifyInstance(String databaseName) {
        return status(databaseName);
    }

    private InstanceStatus status(String name) {
        Database database = databases.get(name);
        return database == null
                ? InstanceStatus.notFound(name)
                : new InstanceStatus(
                        name,
                        database.state,
                        database.mark,
                        database.markUnreadable,
                        null,
                        null,
                        null,
                        database.identity);
    }

    private InstanceStatus measured(String name) {
        Database database = databases.get(name);
        OwnershipMark mark = database.mark;
        long size = 1_000L + database.rows.size();
        InstanceInfo info = new InstanceInfo(
                InstanceInfo.Sizes.ofTotal(size),
                0,
                "memory",
                null,
                null,
                null,
                null,
                OwnershipMark.origin(mark),
                new InstanceInfo.Engine("Memory", "1", null));
        return new InstanceStatus(name, database.state, mark, false, size, 0, info, database.identity);
    }

    @Override
    public synchronized List<InstanceStatus> instances() {
        return databases.keySet().stream()
                .filter(name -> !DatabaseNameRules.isTrash(name))
                .map(this::status)
                .toList();
    }

    @Override
    public synchronized List<InstanceStatus> measure(Collection<String> databaseNames) {
        return databaseNames.stream()
                .filter(databases::containsKey)
                .map(this::measured)
                .toList();
    }

    @Override
    public void close() {
        // Nothing to release.
    }
}
